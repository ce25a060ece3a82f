namespace OrleansBsp.Server.Contacts;

internal static class ContactSql
{
    /// <summary>
    /// Finds or makes the contact by phone, else by BSUID, and sets its opt-out with the evidence. What was said is evidence also where
    /// it changes nothing, as a sign-up of somebody new; repeating the contact's last word adds no second line. A later opt-in of
    /// marketing does not undo an opt-out of everything.
    /// What was said before something else but is heard after it (Meta repeats webhooks for days) is evidence only. In doubt nobody is
    /// written to: an opt-in gives way to any younger opt-out, an opt-out only to a younger opt-in of the person's own, by the same clock.
    /// </summary>
    public const string SetConsent = """
        with existing as (
            select id, opted_out from contact where (@phone::bigint is not null and phone = @phone) or (@phone::bigint is null and user_id = @userId) limit 1),
        made as (
            -- With the wish in it: the update below does not see a row that this statement makes.
            insert into contact (phone, user_id, name, opted_out)
            select @phone, case when @phone::bigint is null then @userId end, @name, case when @optOut then @scope end
            where not exists (select 1 from existing) on conflict do nothing returning id),
        one as (select id, opted_out from existing union all select id, null from made),
        late as (
            select from consent s join one on one.id = s.contact_id
            where s.at > @at and s.action = case when @optOut then 'opt-in' else 'opt-out' end and (not @optOut or s.source = 'meta-preference')),
        wanted as (
            select id, opted_out,
                case when exists (select from late) then opted_out
                     when @optOut and @scope = 'all' then 'all'
                     when @optOut then coalesce(opted_out, 'marketing')
                     when @scope = 'all' then null
                     when opted_out = 'marketing' then null
                     else opted_out end as target
            from one),
        changed as (
            update contact c set opted_out = w.target, updated_at = now() from wanted w
            where c.id = w.id and c.opted_out is distinct from w.target returning c.id),
        evidence as (
            insert into consent (contact_id, at, action, scope, source, detail)
            select w.id, coalesce(@at, now()), wish.action, @scope, @source, @detail
            from wanted w, (select case when @optOut then 'opt-out' else 'opt-in' end as action) wish
            where not exists (
                select from (select action, scope from consent where contact_id = w.id order by at desc, id desc limit 1) said
                where said.action = wish.action and said.scope = @scope)
              and not exists (select from consent s where s.contact_id = w.id and s.at = @at and s.action = wish.action and s.scope = @scope))
        select id from one
        """;

    private const string Read = "select id, phone, user_id as UserId, name, opted_out as OptedOut, created_at as CreatedAt from contact";

    public const string Find = Read + " where id = @id";

    public const string ReadPage = Read + " where id > @after and (@phone::bigint is null or phone = @phone) order by id limit @limit";

    public const string Upsert = """
        insert into contact (phone, name) values (@phone, @name)
        on conflict (phone) do update set name = case when excluded.name = '' then contact.name else excluded.name end, updated_at = now()
        returning id
        """;

    public const string ReadConsent = "select at, action, scope, source, detail from consent where contact_id = @id order by at desc, id desc limit 200";
}
