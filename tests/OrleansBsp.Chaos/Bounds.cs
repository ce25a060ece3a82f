using System.Globalization;

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
        strikes.SelectMany((strike, index) => Exceeded(strike, index > 0 && strikes[index - 1].Step.Fault.LosesAnswers));

    /// <param name="isAfterLoss">Some of what is unknown since then may have been lost by the fault before it: answers are waited for.</param>
    private static IEnumerable<string> Exceeded(Strike strike, bool isAfterLoss)
    {
        var fault = strike.Step.Fault;
        if (fault.LeavesOthers && strike.LongestGap > GoesOnWithin) yield return $"{fault.What}: a campaign stood for {Seconds(strike.LongestGap)}, longer than {Seconds(GoesOnWithin)}";
        if (strike.SendingAgainAfter > GoesOnWithin) yield return $"{fault.What}: {Seconds(strike.SendingAgainAfter)} after all was mended not every campaign sent again; {Seconds(GoesOnWithin)} are allowed";
        if (!fault.LosesAnswers && !isAfterLoss && strike.Unknown > fault.Deaths * InHand) yield return $"{fault.What}: {strike.Unknown} people are unknown; {fault.Deaths} silos have no more than {fault.Deaths * InHand} in hand";
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture);
}
