using Npgsql;
using Xunit.Sdk;

namespace OrleansBsp.Testing;

/// <summary>Waits for facts. The limits are for machines that are slow and shared; a fact that comes is seen within a tenth of a second.</summary>
public static class Wait
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(180);

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads until the fact holds, and returns what was read.</summary>
    /// <param name="what">The fact as a sentence, for the message of a failure.</param>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> holds, string what, TimeSpan? limit = null)
    {
        var deadline = DateTime.UtcNow + (limit ?? Usual);
        for (var seen = "nothing"; ;)
        {
            try
            {
                var value = await read();
                if (holds(value)) return value;
                seen = $"{value}";
            }
            catch (Exception failure) when (IsAbsence(failure))
            {
                seen = failure.Message;
            }

            if (DateTime.UtcNow > deadline) throw new XunitException($"Within {(limit ?? Usual).TotalSeconds:0} s this did not come true: {what}. Seen last: {seen}");
            await Task.Delay(LookEvery);
        }
    }

    public static Task UntilAsync(Func<Task<bool>> holds, string what, TimeSpan? limit = null) => UntilAsync(holds, value => value, what, limit);

    public static Task UntilAsync(Func<bool> holds, string what, TimeSpan? limit = null) => UntilAsync(() => Task.FromResult(holds()), value => value, what, limit);

    /// <summary>Calls until the server takes it: while it is down or starting, a call fails in the ways of the network.</summary>
    public static Task<T> ForAnswerAsync<T>(Func<Task<T>> call, string what) => UntilAsync(call, _ => true, what);

    // The server or its database is down for a moment: most scenarios make it so.
    private static bool IsAbsence(Exception failure) =>
        failure is HttpRequestException or NpgsqlException or TaskCanceledException or IOException || failure is ApiRefusedException { Problem.Status: 503 or 500 };
}
