using System.ComponentModel.DataAnnotations;

namespace OrleansBsp.Server.Storage;

/// <summary>Section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Connections for the work, per process. Default 24. More than the database has cores to serve only adds waiting.</summary>
    [Range(1, 1_000)]
    public int PoolSize { get; set; } = 24;

    /// <summary>Connections for ownership and control, per process. Default 4. Never shared with the work.</summary>
    [Range(1, 1_000)]
    public int ControlPoolSize { get; set; } = 4;

    /// <summary>Limit of one statement of the work, in seconds. Default 30.</summary>
    [Range(1, 86_400)]
    public int StatementTimeoutSeconds { get; set; } = 30;

    /// <summary>Limit of one control statement, in seconds. Default 5: a slow answer about ownership is no answer.</summary>
    [Range(1, 86_400)]
    public int ControlTimeoutSeconds { get; set; } = 5;

    /// <summary>
    /// Whether a start brings the database to the schema of this version. Default true. False where a job does it with the command
    /// <c>migrate</c>: the start waits for it.
    /// </summary>
    public bool Migrate { get; set; } = true;

    /// <summary>How long a start waits for the job's migrations, in seconds. Default 300. After it the process ends with an error and is started anew.</summary>
    [Range(0, 86_400)]
    public int MigrationWaitSeconds { get; set; } = 300;

    /// <summary>Days that raw webhooks are kept after they came. Default 30. Fewer saves disk; a replay cannot go further back.</summary>
    [Range(1, 36_500)]
    public int InboxRetentionDays { get; set; } = 30;

    /// <summary>Days that events are kept. Default 90. A reader of the event log that is behind by more has lost events.</summary>
    [Range(1, 36_500)]
    public int EventRetentionDays { get; set; } = 90;
}
