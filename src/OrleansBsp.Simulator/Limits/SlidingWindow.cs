namespace OrleansBsp.Simulator.Limits;

/// <summary>
/// Exact limit over every window of one second: remembers the instant of each message of the last second.
/// Its own lock guards it; several connections send from one number at once.
/// </summary>
public sealed class SlidingWindow
{
    private const long WidthMicros = 1_000_000;
    private readonly Lock gate = new();
    private long[] ring = new long[256];
    private int head;
    private int count;
    private long last;

    /// <summary>Takes one place at this instant, or refuses. A refused message takes no place.</summary>
    public bool TryTake(long atMicros, int limit)
    {
        lock (gate)
        {
            // Stamps are taken before the lock, so they can arrive a few microseconds out of order.
            last = Math.Max(last, atMicros);
            while (count > 0 && ring[head] <= last - WidthMicros)
            {
                head = (head + 1) % ring.Length;
                count--;
            }

            if (count >= limit)
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
            head = 0;
            last = 0;
        }
    }

    private void Grow_NeedsLock()
    {
        var larger = new long[ring.Length * 2];
        for (var i = 0; i < count; i++)
        {
            larger[i] = ring[(head + i) % ring.Length];
        }

        ring = larger;
        head = 0;
    }
}
