using OrleansBsp.Server.Campaigns.Sending;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// Owns one campaign: its lifecycle, checkpoint, messages, counters and events. Key: <c>c:</c> and the campaign's number.
/// Commands may be repeated: a caller that got no answer asks again.
/// </summary>
[Alias("Campaign")]
public interface ICampaignGrain : IGrainWithStringKey
{
    [Alias("Launch")]
    Task<CommandResult> Launch(DateTime? startAt, int? startWindowMinutes);

    [Alias("Pause")]
    Task<CommandResult> Pause(string reason);

    [Alias("Resume")]
    Task<CommandResult> Resume();

    [Alias("Cancel")]
    Task<CommandResult> Cancel();

    /// <summary>Comes alive, and goes on where the last activation stopped.</summary>
    [Alias("Wake")]
    Task Wake();

    /// <summary>Merges statuses into the campaign's messages. Completes when they are committed; safe to repeat.</summary>
    [Alias("ApplyReceipts")]
    Task ApplyReceipts(CampaignReceiptBatch batch);

    /// <summary>Tells what became of messages that other processes were to send. Completes when it is committed; safe to repeat.</summary>
    [Alias("ReportOutcomes")]
    Task ReportOutcomes(OutcomeBatch batch);

    [Alias("GetLive")]
    Task<CampaignLive> GetLive();
}

[GenerateSerializer, Immutable, Alias("CampaignReceiptBatch")]
public sealed record CampaignReceiptBatch([property: Id(0)] CampaignReceipt[] Receipts);

/// <summary>What became of a command.</summary>
/// <param name="State">The campaign's state now.</param>
/// <param name="Problems">Why it could not be done; empty if it was.</param>
[GenerateSerializer, Immutable, Alias("CommandResult")]
public sealed record CommandResult([property: Id(0)] string State, [property: Id(1)] CommandProblem[] Problems)
{
    public bool Succeeded => Problems.Length == 0;
}

[GenerateSerializer, Immutable, Alias("CommandProblem")]
public sealed record CommandProblem([property: Id(0)] string Pointer, [property: Id(1)] string Code, [property: Id(2)] string Message);

/// <param name="InFlight">Messages released in this activation and not answered yet.</param>
[GenerateSerializer, Immutable, Alias("CampaignLive")]
public sealed record CampaignLive(
    [property: Id(0)] int InFlight, [property: Id(1)] string LimitedBy, [property: Id(2)] string Silo, [property: Id(3)] long Epoch,
    [property: Id(4)] int SendingPerSecond);
