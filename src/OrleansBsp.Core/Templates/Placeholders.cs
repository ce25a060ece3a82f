namespace OrleansBsp.Core.Templates;

/// <summary>Cuts a constant at its <c>{{column}}</c> placeholders.</summary>
internal static class Placeholders
{
    public static bool TryCut(string value, out IReadOnlyList<BindingPart> parts, out string problem)
    {
        var cut = new List<BindingPart>();
        parts = cut;
        problem = "";
        for (var at = 0; at < value.Length;)
        {
            var open = value.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0)
            {
                cut.Add(new BindingPart(value[at..], null));
                break;
            }

            var close = value.IndexOf("}}", open + 2, StringComparison.Ordinal);
            var column = close < 0 ? "" : value[(open + 2)..close].Trim();
            if (column.Length == 0)
            {
                problem = $"The placeholder at character {open + 1} of \"{BindingReader.Shorten(value)}\" {(close < 0 ? "has no closing }}" : "names no column")}. Write {{{{column}}}}.";
                return false;
            }

            if (open > at)
            {
                cut.Add(new BindingPart(value[at..open], null));
            }

            cut.Add(new BindingPart(null, column));
            at = close + 2;
        }

        return true;
    }
}
