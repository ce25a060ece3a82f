namespace OrleansBsp.Chaos.Plans;

/// <summary>How released messages, and webhooks, travel between processes.</summary>
internal enum Dispatch
{
    /// <summary>They do not: who releases sends, and the front door writes to the database.</summary>
    Memory,

    Sqs,
}
