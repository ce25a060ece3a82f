using System.Collections.Concurrent;

namespace OrleansBsp.Server.Access;

/// <summary>Remembers a few values for a short while, so that the database is not asked at every request.</summary>
/// <param name="lifetime">How long a value is believed; the time after which a change made elsewhere is noticed.</param>
/// <param name="capacity">When full, everything is forgotten at once: simpler than choosing, and rare.</param>
/// <remarks>Safe for concurrent use. Two who miss at the same time both ask; that is cheaper than a lock.</remarks>
internal sealed class BriefCache<TKey, TValue>(TimeProvider time, TimeSpan lifetime, int capacity)
    where TKey : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<TKey, (TValue Value, long Since)> _entries = new();

    public TValue? GetOrNull(TKey key) =>
        _entries.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.Since) < lifetime ? entry.Value : null;

    /// <param name="since">A timestamp from before the value was read: age counts from there.</param>
    public void Put(TKey key, TValue value, long since)
    {
        if (_entries.Count >= capacity) _entries.Clear();
        _entries[key] = (value, since);
    }

    public void Forget(TKey key) => _entries.TryRemove(key, out _);
}
