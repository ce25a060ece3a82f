using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator.Accounts;

/// <summary>A business phone number: what Meta shows of it and the limits it lives under.</summary>
public sealed class BusinessNumber
{
    private int serviceMessages;

    public required string Id { get; init; }

    public required Waba Waba { get; init; }

    /// <summary>As the API formats it, for example "+61 2 5550 0047".</summary>
    public required string DisplayPhoneNumber { get; init; }

    public string VerifiedName { get; init; } = "Example Retail";

    /// <summary>Dense ordinal by which the ledger refers to the number.</summary>
    internal int Index { get; init; }

    /// <summary>Digits only, as webhooks carry it.</summary>
    public string Digits => field ??= string.Concat(DisplayPhoneNumber.Where(char.IsAsciiDigit));

    /// <summary>Messages per second, inbound and outbound together (reference 3.1). May change while sending.</summary>
    public int MessagesPerSecond { get; set; } = 80;

    /// <summary>What <c>throughput.level</c> says; HIGH from 1000/s on.</summary>
    public string ThroughputLevel => MessagesPerSecond >= 1000 ? "HIGH" : "STANDARD";

    public string QualityRating { get; set; } = "GREEN";

    /// <summary>Only CONNECTED can send; anything else answers 133010.</summary>
    public string Status { get; set; } = "CONNECTED";

    public string MessagingLimit { get; set; } = "TIER_UNLIMITED";

    /// <summary>Callback that replaces the account's and the app's.</summary>
    public string? OverrideCallback { get; set; }

    internal SlidingWindow Window { get; } = new();

    internal PairTable Pairs { get; } = new();

    /// <summary>Ordinal of the next service message of the month; the first 1,000 are free (reference 7.4). Never resets by calendar.</summary>
    internal bool TakeFreeServiceMessage() => Interlocked.Increment(ref serviceMessages) <= 1000;

    internal void Forget()
    {
        Window.Clear();
        Pairs.Clear();
        serviceMessages = 0;
    }
}
