using System.Collections.Concurrent;
using System.Net;

namespace OrleansBsp.Server.Access;

/// <summary>
/// Slows down guessing. After 5 failures for one account from one address, or 50 from one address, the next attempt must wait:
/// 2 s, then twice as long after each further failure, at most 5 minutes. A success clears the account's count; an hour
/// without failures clears any.
/// </summary>
/// <remarks>
/// In memory of one process: several processes give a guesser as many times the attempts, which is still none to speak of. Behind a
/// proxy the address is the proxy's unless forwarded headers are on; counting per account keeps one guesser from locking out all.
/// Safe for concurrent use.
/// </remarks>
internal sealed class SignInThrottle(TimeProvider time)
{
    private const int FreePerAccount = 5;
    private const int FreePerAddress = 50;
    private const int Capacity = 10_000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(IPAddress Address, string Email), Failed> _accounts = new();
    private readonly ConcurrentDictionary<IPAddress, Failed> _addresses = new();

    /// <summary>Zero: go on.</summary>
    public TimeSpan WaitFor(IPAddress address, string email)
    {
        var account = _accounts.TryGetValue((address, email), out var a) ? Wait(a, FreePerAccount) : TimeSpan.Zero;
        var all = _addresses.TryGetValue(address, out var b) ? Wait(b, FreePerAddress) : TimeSpan.Zero;
        return account > all ? account : all;
    }

    /// <summary>Counts an attempt as failed before it is made: a thousand at the same time must not all pass before the first has failed.</summary>
    public void Attempt(IPAddress address, string email)
    {
        Count(_accounts, (address, email));
        Count(_addresses, address);
    }

    /// <summary>The attempt that was counted was right after all.</summary>
    public void Success(IPAddress address, string email)
    {
        _accounts.TryRemove((address, email), out _);
        _addresses.AddOrUpdate(address, new Failed(0, time.GetTimestamp()), (_, failed) => failed with { Times = Math.Max(0, failed.Times - 1) });
    }

    private void Count<TKey>(ConcurrentDictionary<TKey, Failed> failures, TKey key)
        where TKey : notnull
    {
        // Full: the oldest go first, also if that lets a guesser with ten thousand addresses start anew.
        if (failures.Count >= Capacity)
            foreach (var old in failures.OrderByDescending(f => time.GetElapsedTime(f.Value.Last)).Take(Capacity / 2)) failures.TryRemove(old.Key, out _);
        var now = time.GetTimestamp();
        failures.AddOrUpdate(key, _ => new Failed(1, now), (_, f) => new Failed(time.GetElapsedTime(f.Last) > Forgotten ? 1 : f.Times + 1, now));
    }

    private TimeSpan Wait(Failed failed, int free)
    {
        var since = time.GetElapsedTime(failed.Last);
        if (failed.Times < free || since > Forgotten) return TimeSpan.Zero;
        var seconds = Math.Min(Longest.TotalSeconds, Math.Pow(2, Math.Min(failed.Times - free + 1, 20)));
        var left = TimeSpan.FromSeconds(seconds) - since;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private readonly record struct Failed(int Times, long Last);
}
