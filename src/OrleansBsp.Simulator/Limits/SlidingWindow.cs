namespace OrleansBsp.Simulator.Limits;

/// <summary>
/// Exact limit over every window of one second: remembers the instant of each message of the last second, and of a little more.
/// Its own lock guards it; several connections send from one number at once. Instants are taken before the lock, so they can come a
/// little out of order: a message is refused if any second that it lies in would hold too many, and only then.
/// </summary>
public sealed class SlidingWindow
{
    private const long WidthMicros = 1_000_000;

    // What comes later than this after a younger one is counted as if it came so late.
    private const long LatenessMicros = 100_000;
    private readonly Lock gate = new();
    private long[] ring = new long[256]; // in order of time
    private int head;
    private int count;

    /// <summary>Takes one place at this instant, or refuses. A refused message takes no place.</summary>
    public bool TryTake(long atMicros, int limit)
    {
        lock (gate)
        {
            var newest = count == 0 ? atMicros : Math.Max(atMicros, At_NeedsLock(count - 1));
            var at = Math.Max(atMicros, newest - LatenessMicros);
            while (count > 0 && At_NeedsLock(0) <= newest - WidthMicros - LatenessMicros)
            {
                head = (head + 1) % ring.Length;
                count--;
            }

            var position = count;
            while (position > 0 && At_NeedsLock(position - 1) > at)
            {
                position--;
            }

            if (limit < 1 || IsFull_NeedsLock(at, position, limit))
            {
                return false;
            }

            Insert_NeedsLock(at, position);
            return true;
        }
    }

    /// <summary>Forgets the last second.</summary>
    public void Clear()
    {
        lock (gate)
        {
            count = 0;
            head = 0;
        }
    }

    // The message is one too many if some run of `limit` others lies within one second together with it.
    private bool IsFull_NeedsLock(long at, int position, int limit)
    {
        for (var first = Math.Max(0, position - limit); first <= position && first + limit <= count; first++)
        {
            var oldest = first < position ? At_NeedsLock(first) : at;
            var youngest = first + limit > position ? At_NeedsLock(first + limit - 1) : at;
            if (Math.Max(youngest, at) - Math.Min(oldest, at) < WidthMicros)
            {
                return true;
            }
        }

        return false;
    }

    private void Insert_NeedsLock(long at, int position)
    {
        if (count == ring.Length)
        {
            Grow_NeedsLock();
        }

        for (var i = count; i > position; i--)
        {
            ring[(head + i) % ring.Length] = At_NeedsLock(i - 1);
        }

        ring[(head + position) % ring.Length] = at;
        count++;
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
