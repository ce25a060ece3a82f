using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Webhooks;

/// <summary>Section <c>Ingest</c>.</summary>
public sealed class IngestOptions
{
    /// <summary>
    /// How webhooks reach the inbox. Default: the front door writes to the database. With SQS it needs none, and webhooks are taken while the
    /// database is away; each costs an SQS message and arrives some 20 ms later.
    /// </summary>
    public QueueKind Kind { get; set; } = QueueKind.InProcess;
}
