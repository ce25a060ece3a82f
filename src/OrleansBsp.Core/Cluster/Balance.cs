namespace OrleansBsp.Core.Cluster;

/// <summary>Evens out how many grains of a kind each silo has.</summary>
public static class Balance
{
    /// <summary>
    /// The moves after which no silo has two grains more than another, or the first <paramref name="most"/> of them. As few as
    /// possible: a move costs the grain a moment.
    /// </summary>
    /// <param name="counts">Grains of each silo, those without one included.</param>
    /// <returns>Indexes into <paramref name="counts"/>.</returns>
    public static IReadOnlyList<(int From, int To)> Moves(IReadOnlyList<int> counts, int most)
    {
        if (counts.Count < 2) return [];
        var left = counts.ToArray();
        var moves = new List<(int From, int To)>();
        while (moves.Count < most)
        {
            var from = Array.IndexOf(left, left.Max());
            var to = Array.IndexOf(left, left.Min());
            if (left[from] - left[to] <= 1) break;
            left[from]--;
            left[to]++;
            moves.Add((from, to));
        }

        return moves;
    }
}
