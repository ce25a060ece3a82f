using System.ComponentModel.DataAnnotations;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Queues;

/// <summary>Section <c>Queue</c>.</summary>
public sealed class QueueOptions
{
    /// <summary>How released campaign messages reach who sends them. Default: within the process.</summary>
    public QueueKind Kind { get; set; } = QueueKind.InProcess;

    /// <summary>Where SQS is and how it is used, by whatever uses it.</summary>
    public SqsOptions Sqs { get; set; } = new();
}

/// <summary>What carries work from one part of the platform to another.</summary>
public enum QueueKind
{
    /// <summary>Memory of the process; nothing else is needed.</summary>
    InProcess,

    /// <summary>AWS SQS: any process takes the work.</summary>
    Sqs,
}

/// <summary>Section <c>Queue:Sqs</c>.</summary>
public sealed class SqsOptions
{
    /// <summary>Another address than Amazon's, for a server that speaks SQS. Default: none. With it, and with no credentials configured, made-up ones are used.</summary>
    [WebAddress]
    public string? ServiceUrl { get; set; }

    /// <summary>Region of the queues, such as <c>ap-south-1</c>. Default: what the AWS client finds in its own configuration.</summary>
    public string? Region { get; set; }

    /// <summary>Begins the names of all queues of this installation. Default "orleansbsp". Two installations of one account must differ in it.</summary>
    public string Prefix { get; set; } = "orleansbsp";

    /// <summary>
    /// How long a received message stays with its receiver, in seconds, 1 to 43,200. Default 30; renewed while work lasts. Shorter gives the messages of a
    /// killed process to others sooner; longer survives longer pauses of a process without repetition. Said with each receive, whatever the queue's own time is.
    /// </summary>
    [Range(1, 43_200)]
    public int VisibilitySeconds { get; set; } = 30;

    /// <summary>Receipts after which a message that nobody could handle becomes a dead letter. Default 10. Only for queues that are made by us.</summary>
    [Range(1, 1_000)]
    public int MaxReceiveCount { get; set; } = 10;

    /// <summary>Receives of one queue that this process has open at once. Default 8. Each brings at most ten messages a round trip.</summary>
    [Range(1, int.MaxValue)]
    public int Receivers { get; set; } = 8;

    /// <summary>How long a receive waits for the first message, in seconds, 0 to 20. Default 20. Shorter costs more requests and wins nothing on Amazon's SQS.</summary>
    [Range(0, 20)]
    public int ReceiveWaitSeconds { get; set; } = 20;
}
