using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>An answer of a number, and its permits in this process's time.</summary>
internal readonly record struct Permits(PermitAnswer Answer, PermitGrant Grant)
{
    // This process may have stood still with the answer before it: the moments were meant for a time that is over.
    private static readonly TimeSpan Stale = TimeSpan.FromMilliseconds(500);

    /// <param name="lane">Of the number.</param>
    /// <param name="ask">Asks the number.</param>
    public static async Task<Permits> AskAsync(SendLane lane, SendClock clock, Func<Task<PermitAnswer>> ask)
    {
        var asked = clock.Now;
        var answer = await ask();
        if (clock.Now - asked < Stale) return new Permits(answer, answer.At(clock.Now));
        lane.Spare(answer.First, answer.Count);
        return new Permits(answer with { Count = 0, StartsIn = TimeSpan.Zero }, default);
    }
}
