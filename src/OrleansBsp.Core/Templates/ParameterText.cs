namespace OrleansBsp.Core.Templates;

/// <summary>Makes a value fit for a template parameter.</summary>
public static class ParameterText
{
    /// <summary>Meta refuses more consecutive spaces than this in a parameter (reference 1.8: 100 or 132018).</summary>
    private const int LongestRun = 4;

    /// <summary>
    /// Returns <paramref name="value"/> trimmed, without control characters, byte-order marks and broken surrogates; a run
    /// of white space that holds a line break or a tab, or is longer than four, becomes one space. Other runs stay
    /// as they are. The same string comes back, without allocation, if there is nothing to do, which is the rule.
    /// </summary>
    /// <returns>Empty for null, empty and blank values: the caller then takes the fallback.</returns>
    public static string Clean(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "";
        }

        return IsClean(value) ? value : Rewrite(value);
    }

    /// <summary>True only if nothing needs a closer look: single inner spaces and plain characters.</summary>
    private static bool IsClean(string value)
    {
        if (value[0] == ' ' || value[^1] == ' ')
        {
            return false;
        }

        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == ' ' ? value[i - 1] == ' ' : NeedsALook(c))
            {
                return false;
            }
        }

        return true;
    }

    private static bool NeedsALook(char c) =>
        c < ' ' || (c >= '\u007F' && (c <= '\u00A0' || char.IsWhiteSpace(c) || char.IsSurrogate(c) || c == '\uFEFF'));

    private static string Rewrite(string value)
    {
        var rented = value.Length > 512 ? new char[value.Length] : null;
        var output = rented ?? stackalloc char[512];
        Span<char> run = stackalloc char[LongestRun];
        int written = 0, runLength = 0;
        var runBreaks = false;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (IsBreak(c) || char.IsWhiteSpace(c))
            {
                runBreaks |= IsBreak(c);
                if (runLength < LongestRun)
                {
                    run[runLength] = c;
                }

                runLength++;
                continue;
            }

            // Dropped characters do not end a run: the spaces on either side would meet.
            if (char.IsControl(c) || c == '\uFEFF' || IsBrokenSurrogate(value, i))
            {
                continue;
            }

            if (runLength > 0 && written > 0)
            {
                ReadOnlySpan<char> kept = runBreaks || runLength > LongestRun ? " " : run[..runLength];
                kept.CopyTo(output[written..]);
                written += kept.Length;
            }

            (runLength, runBreaks) = (0, false);
            output[written++] = c;
            if (char.IsHighSurrogate(c))
            {
                output[written++] = value[++i];
            }
        }

        return new string(output[..written]);
    }

    /// <summary>Tabs, and everything that starts a new line somewhere: CR, LF, VT, FF, NEL, line and paragraph separator.</summary>
    private static bool IsBreak(char c) => c is >= '\t' and <= '\r' or '\u0085' or '\u2028' or '\u2029';

    /// <summary>The low half of a good pair is consumed together with its high half, so one that is seen here is alone.</summary>
    private static bool IsBrokenSurrogate(string value, int i) =>
        char.IsLowSurrogate(value[i])
        || (char.IsHighSurrogate(value[i]) && (i + 1 == value.Length || !char.IsLowSurrogate(value[i + 1])));
}
