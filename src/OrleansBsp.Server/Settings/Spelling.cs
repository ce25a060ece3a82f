namespace OrleansBsp.Server.Settings;

/// <summary>What a word with a slip in it was probably meant to be.</summary>
internal static class Spelling
{
    /// <returns>The known word that the fewest changes lead to, in any case; null if that would be more than every third letter.</returns>
    public static string? NearestOrNull(string word, IEnumerable<string> known) =>
        known.Select(one => (Word: one, Changes: Changes(word.ToUpperInvariant(), one.ToUpperInvariant())))
            .Where(one => one.Changes <= Math.Max(1, word.Length / 3))
            .OrderBy(one => one.Changes)
            .Select(one => one.Word)
            .FirstOrDefault();

    // Levenshtein's distance: letters that were added, left out or replaced.
    private static int Changes(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var replaced = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];
    }
}
