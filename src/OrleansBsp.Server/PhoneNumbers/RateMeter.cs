namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>Counts events of the last second in tenths. Not thread-safe.</summary>
internal sealed class RateMeter
{
    private const int Slots = 11; // ten full tenths and the one that is filling
    private readonly int[] _counts = new int[Slots];
    private long _tenth;

    public void Count(TimeSpan now)
    {
        Advance(now);
        _counts[_tenth % Slots]++;
    }

    public int PerSecond(TimeSpan now)
    {
        Advance(now);
        return _counts.Sum() - _counts[_tenth % Slots];
    }

    private void Advance(TimeSpan now)
    {
        var tenth = now.Ticks / (TimeSpan.TicksPerSecond / 10);
        if (tenth - _tenth >= Slots) Array.Clear(_counts);
        else for (var passed = _tenth + 1; passed <= tenth; passed++) _counts[passed % Slots] = 0;
        _tenth = Math.Max(_tenth, tenth);
    }
}
