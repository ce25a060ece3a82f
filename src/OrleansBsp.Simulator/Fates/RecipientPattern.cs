using OrleansBsp.Simulator.Faults;

namespace OrleansBsp.Simulator.Fates;

/// <summary>
/// What the last digits of a recipient demand, whatever the profile says.
/// <list type="table">
/// <item>…<i>CCCCCC</i>, a code of <see cref="AsyncCodes"/>: accepted, then a <c>failed</c> status with that code</item>
/// <item>…9<i>CCCCCC</i>: refused with that code in the answer, each time; …8<i>CCCCCC</i>: refused at the first attempt only</item>
/// <item>…7000<i>nn</i>: the table in <see cref="Of"/></item>
/// </list>
/// </summary>
/// <param name="Fate">The flags to use instead of drawn ones, or null.</param>
/// <param name="FailureCode">Asynchronous failure, or 0.</param>
/// <param name="RefuseCode">Refusal in the answer, or 0.</param>
/// <param name="Transport">What goes wrong with the answer, at the first attempt only.</param>
internal readonly record struct RecipientPattern(FateFlags? Fate, int FailureCode = 0, int RefuseCode = 0, FaultKind? Transport = null)
{
    /// <summary>Codes that the end of a number may name.</summary>
    public static ReadOnlySpan<int> AsyncCodes =>
        [130403, 130429, 130472, 130497, 131000, 131016, 131026, 131031, 131042, 131045, 131047, 131048, 131049, 131050, 131053, 131056, 131057, 132015, 132016, 135000, 137000];

    public static RecipientPattern Of(ulong recipient, int attempt)
    {
        var six = (int)(recipient % 1_000_000);
        return six switch
        {
            700001 => new(FateFlags.Held | FateFlags.Read),
            700002 => new(FateFlags.Held | FateFlags.HeldDrop),
            700003 => new(FateFlags.SilentDrop),
            700004 => new(FateFlags.None),
            700005 => new(FateFlags.Read),
            700006 => new(FateFlags.Read | FateFlags.SkipDelivered),
            700007 => new(FateFlags.Read | FateFlags.Duplicate),
            700008 => new(FateFlags.Read | FateFlags.Reorder),
            700009 => new(FateFlags.Read | FateFlags.Early),
            700011 => Once(FaultKind.HangAfterAccept),
            700012 => Once(FaultKind.ResetAfterAccept),
            700013 => Once(FaultKind.HangBeforeAccept),
            700014 => Once(FaultKind.ResetBeforeAccept),
            700015 => Once(FaultKind.ServerErrorAfterAccept),
            700016 => Once(FaultKind.ServerErrorBeforeAccept),
            700017 => Once(FaultKind.TruncatedJson),
            700018 => Once(FaultKind.NotJson),
            >= 130000 and < 138000 when AsyncCodes.Contains(six) => (int)(recipient / 1_000_000 % 10) switch
            {
                9 => new(null, RefuseCode: six),
                8 => new(null, RefuseCode: attempt == 1 ? six : 0),
                _ => new(FateFlags.None, FailureCode: six),
            },
            _ => default,
        };

        RecipientPattern Once(FaultKind kind) => new(FateFlags.Read, Transport: attempt == 1 ? kind : null);
    }
}
