namespace OrleansBsp.Load.Reports;

/// <summary>Order statistics of some measurements.</summary>
internal sealed class Spread
{
    private readonly double[] _sorted;

    /// <exception cref="InvalidOperationException">There is nothing to measure.</exception>
    public Spread(IEnumerable<double> values)
    {
        _sorted = [.. values.Order()];
        if (_sorted.Length == 0) throw new InvalidOperationException("Nothing was measured.");
    }

    public int Count => _sorted.Length;

    public double Max => _sorted[^1];

    /// <param name="share">0.5 is the median, 0.99 what one in a hundred exceeds.</param>
    public double At(double share) => _sorted[(int)Math.Min(_sorted.Length - 1, Math.Ceiling(share * _sorted.Length) - 1)];

    public double StandardDeviation()
    {
        var mean = _sorted.Average();
        return Math.Sqrt(_sorted.Average(value => (value - mean) * (value - mean)));
    }
}
