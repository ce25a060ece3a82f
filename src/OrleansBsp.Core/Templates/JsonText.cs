using System.Buffers;
using System.Text;

namespace OrleansBsp.Core.Templates;

/// <summary>Writes the inside of a JSON string. Escapes only what RFC 8259 demands; everything else goes out as UTF-8.</summary>
internal static class JsonText
{
    /// <summary>Bytes that one UTF-16 character may take at most: a control character as <c>\u00XX</c>.</summary>
    public const int MostBytesPerChar = 6;

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    /// <param name="target">Must have room for <see cref="MostBytesPerChar"/> times the length.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<char> value, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var plain = value.IndexOfAny(Escaped);
            if (plain < 0)
            {
                return written + Encoding.UTF8.GetBytes(value, target[written..]);
            }

            written += Encoding.UTF8.GetBytes(value[..plain], target[written..]);
            written += Escape(value[plain], target[written..]);
            value = value[(plain + 1)..];
        }
    }

    private static int Escape(char c, Span<byte> target)
    {
        target[0] = (byte)'\\';
        if (c is '"' or '\\')
        {
            target[1] = (byte)c;
            return 2;
        }

        "u00"u8.CopyTo(target[1..]);
        target[4] = (byte)(c < 0x10 ? '0' : '1');
        target[5] = (byte)"0123456789abcdef"[c & 0xF];
        return 6;
    }
}
