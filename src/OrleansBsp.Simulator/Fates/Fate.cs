namespace OrleansBsp.Simulator.Fates;

/// <summary>The peculiarities of one message.</summary>
[Flags]
internal enum FateFlags : ushort
{
    None = 0,
    Read = 1,
    SkipDelivered = 2,
    Duplicate = 4,
    Reorder = 8,
    Early = 16,
    SilentDrop = 32,

    /// <summary>Answered with <c>held_for_quality_assessment</c>.</summary>
    Held = 64,

    /// <summary>The verdict on the held message is no: 132015.</summary>
    HeldDrop = 128,

    /// <summary>Waits for the verdict on its template instead of a time of its own.</summary>
    HeldByTemplate = 256,

    /// <summary>One of the number's free service messages.</summary>
    FreeService = 512,
}

/// <summary>What will become of one accepted message. Delays are ms from the start of its plan.</summary>
internal record struct Fate(FateFlags Flags, int FailureCode, int SentMs, int DeliveredMs, int ReadMs);

/// <summary>Draws fates. Pure: the same seed, number, recipient, attempt and profile give the same fate.</summary>
internal static class FateDecider
{
    public static ulong Basis(ulong seed, ulong number, ulong recipient, int attempt)
        => Hash.Mix(Hash.Mix(Hash.Mix(seed ^ 0x5EED) ^ number) ^ recipient) ^ Hash.Mix((ulong)attempt);

    public static Fate Decide(ulong basis, StatusProfile profile, RecipientPattern pattern)
    {
        var draws = new Draws(basis);
        var sent = draws.Between(profile.SentMinMs, profile.SentMaxMs);
        var delivered = sent + draws.Between(profile.DeliveredMinMs, profile.DeliveredMaxMs);
        var read = delivered + draws.Between(profile.ReadMinMs, profile.ReadMaxMs);
        var flags = FateFlags.None;
        Draw(FateFlags.Read, profile.ReadProbability);
        Draw(FateFlags.SkipDelivered, profile.SkipDeliveredProbability);
        Draw(FateFlags.Duplicate, profile.DuplicateProbability);
        Draw(FateFlags.Reorder, profile.ReorderProbability);
        Draw(FateFlags.Early, profile.EarlyProbability);
        Draw(FateFlags.SilentDrop, profile.SilentDropProbability);
        var failure = Failure(profile, draws.Unit());

        if (pattern.Fate is { } forced)
        {
            flags = forced;
            failure = 0;
        }

        if (pattern.FailureCode != 0)
        {
            failure = pattern.FailureCode;
        }

        // "delivered" can only be skipped where "read" implies it.
        return new Fate((flags & FateFlags.Read) == 0 ? flags & ~FateFlags.SkipDelivered : flags, failure, sent, delivered, read);

        void Draw(FateFlags flag, double probability)
        {
            if (draws.Chance(probability))
            {
                flags |= flag;
            }
        }
    }

    private static int Failure(StatusProfile profile, double draw)
    {
        foreach (var share in profile.Failures)
        {
            draw -= share.Probability;
            if (draw < 0)
            {
                return share.Code;
            }
        }

        return 0;
    }
}
