using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>An answer of a number, and its permits in this process's time.</summary>
internal readonly record struct Permits(PermitAnswer Answer, PermitGrant Grant)
{
    // This process, or the number's, may stand still, or have no time. Later, hardly anything could be sent any more (SendLane). And a silo that is gone may never answer: who asks anew finds the
    // number's next owner.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <param name="lane">Of the number.</param>
    /// <param name="ask">Asks the number.</param>
    /// <exception cref="TimeoutException">The number has not answered in time. Permits that come after all are spared.</exception>
    public static async Task<Permits> AskAsync(SendLane lane, SendClock clock, Func<Task<PermitAnswer>> ask)
    {
        var asked = clock.Now;
        var asking = ask();
        // Not WhenAny with a delay: its timer would live on for two seconds after each of some twenty questions a second.
        await ((Task)asking.WaitAsync(Longest, TimeProvider.System)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!asking.IsCompleted)
        {
            _ = SpareAsync(lane, asking);
            throw new TimeoutException($"phone number {lane.Number} has not said within {Longest.TotalSeconds:0} s what may be sent");
        }

        var (answer, now) = (await asking, clock.Now);
        // Never before the moments that the number meant; and how late they are counts against the time in which they may be used.
        if (now - asked < Longest) return new Permits(answer, answer.At(now) with { Late = now - asked });
        lane.Spare(answer.First, answer.Count);
        return new Permits(answer with { Count = 0, StartsIn = TimeSpan.Zero }, default);
    }

    private static async Task SpareAsync(SendLane lane, Task<PermitAnswer> asking)
    {
        try
        {
            var late = await asking;
            lane.Spare(late.First, late.Count);
        }
        catch (Exception)
        {
            // No answer after all: then nothing was granted, or its number is gone with what it knew.
        }
    }
}
