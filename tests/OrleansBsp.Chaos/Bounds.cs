using System.Globalization;
using OrleansBsp.Testing.Faults;

namespace OrleansBsp.Chaos;

/// <summary>What a fault may cost, besides that everybody is accounted for.</summary>
internal static class Bounds
{
    // Beside a silo that is killed, hangs or is cut off the others work on; its campaigns are theirs by then (design 8). What strikes all is over first.
    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(10);

    // What a silo has in its hands: both numbers' messages of a quarter of a second, that is a slot and a half of releases, or what is claimed ahead, and those that wait for Meta's answer.
    private static readonly int InHand = CampaignStream.Limits.Values.Sum() / 4;

    /// <summary>What they cost too much of, in words.</summary>
    public static IEnumerable<string> Exceeded(IReadOnlyList<Strike> strikes) =>
        strikes.SelectMany((strike, index) => Exceeded(strike, index > 0 ? strikes[index - 1].Step.Fault : null));

    /// <param name="before">The fault before it. Some of what is unknown since then may have been lost by that one: answers are waited for, and what a silo had in its hands becomes uncertain when another takes over.</param>
    private static IEnumerable<string> Exceeded(Strike strike, Fault? before)
    {
        var fault = strike.Step.Fault;
        var deaths = fault.Deaths + (before?.Deaths ?? 0);
        if (fault.LeavesOthers && strike.LongestGap is var gap && gap.Length > GoesOnWithin) yield return $"{fault.What}: campaign {gap.Campaign} stood for {Seconds(gap.Length)}, until {gap.Until:HH:mm:ss.fff}, longer than {Seconds(GoesOnWithin)}";
        if (strike.SendingAgainAfter > GoesOnWithin) yield return $"{fault.What}: {Seconds(strike.SendingAgainAfter)} after all was mended not every campaign sent again; {Seconds(GoesOnWithin)} are allowed";
        if (!fault.LosesAnswers && before is not { LosesAnswers: true } && strike.Unknown > deaths * InHand) yield return $"{fault.What}: {strike.Unknown} people are unknown; {deaths} silos have no more than {deaths * InHand} in hand";
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture);
}
