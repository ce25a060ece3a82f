using System.Buffers;
using System.Text;

namespace OrleansBsp.Core.Templates;

/// <summary>Makes a value fit to stand in a URL without changing what it means.</summary>
public static class UrlText
{
    /// <summary>The ASCII characters that RFC 3986 allows nowhere in a URL: they would end it early or break it.</summary>
    private static readonly SearchValues<char> Breaking = SearchValues.Create(" \"<>\\^`{|}");

    /// <summary>
    /// Percent-encodes blanks, double quotes, controls and <c>&lt; &gt; \ ^ ` { | }</c>, nothing else. A slash, a query and
    /// an existing <c>%20</c> stay, because values such as <c>shop/42?src=wa</c> and encoded ones are both common in
    /// audiences. Letters beyond ASCII stay too: WhatsApp opens them.
    /// </summary>
    public static string Encode(string value)
    {
        if (!NeedsEncoding(value))
        {
            return value;
        }

        var encoded = new StringBuilder(value.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (!Breaks(rune))
            {
                encoded.Append(rune);
                continue;
            }

            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
            {
                encoded.Append('%').Append(b.ToString("X2"));
            }
        }

        return encoded.ToString();
    }

    /// <summary>True for an absolute http or https URL with a host.</summary>
    public static bool IsHttp(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.Host.Length > 0;

    private static bool NeedsEncoding(string value)
    {
        foreach (var rune in value.EnumerateRunes())
        {
            if (Breaks(rune))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Breaks(Rune rune) =>
        Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || (rune.IsAscii && Breaking.Contains((char)rune.Value));
}
