namespace OrleansBsp.Server.Campaigns;

/// <summary>What a row of the table <c>pending</c> waits for. The numbers are stored.</summary>
public enum PendingKind : short
{
    /// <summary>To be sent again when due.</summary>
    Retry = 1,

    /// <summary>Sent again, no answer yet. After a crash such a message is uncertain.</summary>
    RetryInFlight = 2,

    /// <summary>Uncertain; when due the policy decides.</summary>
    Uncertain = 3,
}
