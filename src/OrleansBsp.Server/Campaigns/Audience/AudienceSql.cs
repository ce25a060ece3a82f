namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>The statements of the audience import and its rejects file.</summary>
internal static class AudienceSql
{
    /// <summary>A look without a lock, so that an upload for nothing is refused before it is sent.</summary>
    public const string State = "select state from campaign_run where campaign_id = @campaign";

    /// <summary>The counts are set by <see cref="Finish"/>: they are known when the last row has been read.</summary>
    public const string Begin = """
        insert into audience (campaign_id, columns, rows, accepted, duplicates, invalid, encoding, delimiter)
        values (@campaign, @columns, 0, 0, 0, 0, @encoding, @delimiter)
        returning id
        """;

    public const string CopyRecipients = "copy recipient (audience_id, position, phone, values) from stdin (format binary)";

    /// <summary>
    /// Row number 0 is the file's header as it came: the rejects file needs all columns in their order, and
    /// <c>audience.columns</c> does not know where the phone column stood. It is not counted.
    /// </summary>
    public const string CopyRejects = "copy audience_reject (audience_id, row_number, column_name, value, code, message, fields) from stdin (format binary)";

    public const string Finish = "update audience set rows = @rows, accepted = @accepted, duplicates = @duplicates, invalid = @invalid where id = @audience";

    /// <summary>
    /// One upload of a campaign after another from here on; launching does not wait for it. Otherwise one that removes the old rows and then waits for the lock, and one that has the
    /// lock and finds the same rows to be removed, would wait for each other.
    /// </summary>
    public const string OneAtATime = "select pg_advisory_xact_lock(hashtextextended('audience of campaign ' || @campaign::bigint, 0))";

    /// <summary>Without a lock: which rows will go if nothing comes between. <see cref="Point"/> has the last word.</summary>
    public const string Current = "select audience_id from campaign where id = @campaign";

    /// <summary>
    /// Taken last, after the copy: launching waits for this row, and a million rows take seconds. A launch that was quicker
    /// shows as a state other than draft, and the whole import is rolled back. Order of locks: campaign_run, then campaign.
    /// </summary>
    public const string Lock = "select state from campaign_run where campaign_id = @campaign for update";

    public const string Plan = "update campaign_run set planned = @accepted, updated_at = now() where campaign_id = @campaign and state = 'draft'";

    /// <summary>Under the lock on campaign_run, so no other import can come between. The old audience, if any, comes back for its removal.</summary>
    public const string Point = """
        with old as (select id, audience_id from campaign where id = @campaign)
        update campaign set audience_id = @audience from old where campaign.id = old.id
        returning old.audience_id
        """;

    // Both by a prefix of the primary key. Nobody reads an old audience: it is replaced only in a draft.
    public const string RemoveRecipients = "delete from recipient where audience_id = @old";
    public const string RemoveRejects = "delete from audience_reject where audience_id = @old";
    public const string RemoveAudience = "delete from audience where id = @old";

    public const string Delimiter = "select delimiter from audience where id = @audience";

    /// <summary>A statement's time limit counts the client's downloading too, and a phone on the train takes its time.</summary>
    public const string RejectsPatience = "set local statement_timeout = '15min'";

    /// <summary>In the file's order by the primary key: streamed, never sorted. The header, row 0, comes first.</summary>
    public const string Rejects = "select row_number, message, fields from audience_reject where audience_id = @audience order by row_number";
}
