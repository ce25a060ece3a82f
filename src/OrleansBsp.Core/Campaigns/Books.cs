using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Campaigns;

/// <summary>
/// The books of a campaign: how many of its recipients are in which state. They balance at any moment:
/// planned = notReleased + inFlight + retrying + accepted + refused + skipped + expired + cancelled + uncertain + unknown.
/// </summary>
/// <remarks>Everything stored is a count of message rows, except <see cref="InFlight"/>, <see cref="NotReleased"/> and the recipients
/// that were cancelled before their release: those follow from the checkpoint, so that pausing or cancelling a million recipients
/// is one row's update.</remarks>
public sealed record Books
{
    public required int Planned { get; init; }

    /// <summary>The checkpoint: positions up to here were released.</summary>
    public required int ReleasedThrough { get; init; }

    /// <summary>The campaign is cancelled: what was not released never will be.</summary>
    public required bool IsCancelled { get; init; }

    public required MessageCounts Counts { get; init; }

    public int NotReleased => IsCancelled ? 0 : Planned - ReleasedThrough;

    public int Cancelled => Counts[MessageState.Cancelled] + (IsCancelled ? Planned - ReleasedThrough : 0);

    /// <summary>Released, no outcome stored yet.</summary>
    public int InFlight => ReleasedThrough - Counts.Total;

    public int Accepted =>
        Counts[MessageState.Accepted] + Counts[MessageState.Held] + Counts[MessageState.Sent]
        + Counts[MessageState.Delivered] + Counts[MessageState.Read] + Counts[MessageState.Failed];

    /// <summary>Nothing is in flight, to be repeated, or uncertain any more, and nothing is left to release.</summary>
    public bool IsComplete => NotReleased == 0 && InFlight == 0 && Counts[MessageState.Retrying] == 0 && Counts[MessageState.Uncertain] == 0;

    /// <summary>Null if the books are sound, otherwise what is wrong with them.</summary>
    public string? FindFault()
    {
        if (InFlight < 0) return $"more outcomes ({Counts.Total}) than released recipients ({ReleasedThrough})";
        if (ReleasedThrough > Planned) return $"released {ReleasedThrough} of {Planned} planned recipients";
        foreach (var state in MessageCounts.Counted)
            if (Counts[state] < 0) return $"{Counts[state]} messages are {state}";
        var explained = NotReleased + InFlight + Counts[MessageState.Retrying] + Accepted + Counts[MessageState.Refused] + Counts[MessageState.Skipped]
            + Counts[MessageState.Expired] + Cancelled + Counts[MessageState.Uncertain] + Counts[MessageState.Unknown];
        return explained == Planned ? null : $"{explained} of {Planned} recipients are explained";
    }
}
