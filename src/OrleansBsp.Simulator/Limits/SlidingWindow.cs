namespace OrleansBsp.Simulator.Limits;

/// <summary>
/// Exact limit over every window of one second: remembers the instant of each message of the last second, and of a little more.
/// Its own lock guards it; several connections send from one number at once. Instants are taken before the lock, so they can
/// come a little out of order: a late one is held against its own window, or the ledger would show one message too many.
/// </summary>
public sealed class SlidingWindow
{
    private const long WidthMicros = 1_000_000;
    private const long LatenessMicros = 100_000;
    private readonly Lock gate = new();
    private long[] ring = new long[256];
    private int head;
    private int count;
    private int expired;
    private long last;

    /// <summary>Takes one place at this instant, or refuses. A refused message takes no place.</summary>
    public bool TryTake(long atMicros, int limit)
    {
        lock (gate)
        {
            last = Math.Max(last, atMicros);
            while (count > 0 && ring[head] <= last - WidthMicros - LatenessMicros)
            {
                head = (head + 1) % ring.Length;
                count--;
                expired = Math.Max(0, expired - 1);
            }

            while (expired < count && At_NeedsLock(expired) <= last - WidthMicros)
            {
                expired++;
            }

            if (InWindow_NeedsLock(atMicros) >= limit)
            {
                return false;
            }

            if (count == ring.Length)
            {
                Grow_NeedsLock();
            }

            ring[(head + count) % ring.Length] = last;
            count++;
            return true;
        }
    }

    /// <summary>Forgets the last second.</summary>
    public void Clear()
    {
        lock (gate)
        {
            count = 0;
            expired = 0;
            head = 0;
            last = 0;
        }
    }

    // For the newest instant these are the live ones; for a late one some expired ones are in its window too.
    private int InWindow_NeedsLock(long atMicros)
    {
        var first = expired;
        while (first > 0 && At_NeedsLock(first - 1) > atMicros - WidthMicros)
        {
            first--;
        }

        return count - first;
    }

    private long At_NeedsLock(int position) => ring[(head + position) % ring.Length];

    private void Grow_NeedsLock()
    {
        var larger = new long[ring.Length * 2];
        for (var i = 0; i < count; i++)
        {
            larger[i] = At_NeedsLock(i);
        }

        ring = larger;
        head = 0;
    }
}
