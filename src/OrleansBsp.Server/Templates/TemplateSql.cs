namespace OrleansBsp.Server.Templates;

internal static class TemplateSql
{
    private const string Read = """
        select id, waba_id as WabaId, name, language, category, status, parameter_format as ParameterFormat, components::text as Components,
               quality, reason, synced_at as SyncedAt
        from template
        """;

    public const string FindByName = Read + " where waba_id = @wabaId and name = @name and language = @language";

    public const string FindById = Read + " where id = @id";

    public const string ReadPage = Read + " where id > @after order by id limit @limit";

    /// <summary>Each answers whether it changed anything: what is older than the last that Meta told does not. Nothing for an unknown template.</summary>
    public const string UpdateStatus = """
        with changed as (
            update template set status = @status, category = coalesce(@category, category), reason = coalesce(@reason, reason), status_at = coalesce(@at, status_at)
            where id = @id and coalesce(status_at <= @at, true)
            returning id)
        select exists (select from changed) from template where id = @id
        """;

    /// <inheritdoc cref="UpdateStatus"/>
    public const string UpdateCategory = """
        with changed as (
            update template set category = @category, category_at = coalesce(@at, category_at)
            where id = @id and coalesce(category_at <= @at, true)
            returning id)
        select exists (select from changed) from template where id = @id
        """;

    /// <inheritdoc cref="UpdateStatus"/>
    public const string UpdateQuality = """
        with changed as (
            update template set quality = @quality, quality_at = coalesce(@at, quality_at)
            where id = @id and coalesce(quality_at <= @at, true)
            returning id)
        select exists (select from changed) from template where id = @id
        """;

    /// <summary>Before <see cref="Upsert"/>: the same name and language under a new id replaces the old one.</summary>
    public const string RemoveReplaced = """
        delete from template t using unnest(@ids, @names, @languages) as p (id, name, language)
        where t.waba_id = @wabaId and t.name = p.name and t.language = p.language and t.id <> p.id
        """;

    /// <summary>One page of a WABA's templates.</summary>
    public const string Upsert = """
        insert into template (id, waba_id, name, language, category, status, parameter_format, components, quality, synced_at)
        select id, @wabaId, name, language, category, status, parameter_format, components::jsonb, quality, @syncedAt
        from unnest(@ids, @names, @languages, @categories, @statuses, @formats, @components, @qualities)
            as p (id, name, language, category, status, parameter_format, components, quality)
        on conflict (id) do update set name = excluded.name, language = excluded.language, category = excluded.category, status = excluded.status,
            parameter_format = excluded.parameter_format, components = excluded.components, quality = excluded.quality, synced_at = excluded.synced_at
        """;

    /// <summary>Templates that Meta no longer lists.</summary>
    public const string MarkGone = "update template set status = 'DELETED' where waba_id = @wabaId and synced_at < @syncedAt";
}
