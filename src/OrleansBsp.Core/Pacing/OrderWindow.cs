namespace OrleansBsp.Core.Pacing;

/// <summary>
/// How many of a campaign's orders may be on their way through the queue at once. Who sends them may be slower than the number's pace, and an order that comes too late costs as much
/// as one that is sent: without a bound all of them come too late, and nothing is sent at all. So the bound grows while orders arrive in time, quickly at first, and is halved when
/// they do not.
/// </summary>
/// <remarks>As TCP's congestion window. Times are of one monotonic clock. Not thread-safe.</remarks>
public sealed class OrderWindow
{
    private const int AtFirst = 64;
    private const int Least = 8;

    // At the highest pace some 600 orders are on their way: 0.4 s of lead, and the way there and back.
    private const double MostSeconds = 2;

    // After a cut it grows by this share in the time of one way through the queue, and by one at least: within a minute it is whole again.
    private const double Slowly = 1.0 / 16;

    // Orders that were on their way at the cut come too late for the same reason.
    private static readonly TimeSpan OneCutPer = TimeSpan.FromSeconds(1);

    private double _size = AtFirst;
    private double _quickUpTo = double.MaxValue;
    private TimeSpan _lastCut = TimeSpan.MinValue;

    public int Size => (int)_size;

    /// <summary>An order was posted at its moment.</summary>
    /// <param name="limit">Messages per second that the number may send.</param>
    public void InTime(int limit) =>
        _size = Math.Min(Math.Max(AtFirst, limit * MostSeconds), _size + (_size < _quickUpTo ? 1 : Math.Max(1 / _size, Slowly)));

    /// <summary>An order came too late, or nobody took it.</summary>
    public void Late(TimeSpan now)
    {
        if (_lastCut != TimeSpan.MinValue && now - _lastCut < OneCutPer) return;
        _lastCut = now;
        _quickUpTo = _size = Math.Max(Least, _size / 2);
    }
}
