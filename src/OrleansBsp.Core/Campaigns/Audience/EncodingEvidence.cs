using System.Buffers;
using System.Text;

namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>
/// Looks at every byte of an upload as it passes and decides at its end. A file of a million rows may be plain ASCII until
/// its last name, so a decision from the first kilobytes would be a guess; the whole file is known before a row is read.
/// </summary>
/// <remarks>Not thread-safe: one upload, one reader.</remarks>
public sealed class EncodingEvidence
{
    private const int HeadBytes = 4096;

    private readonly byte[] _head = new byte[HeadBytes];
    private readonly byte[] _tail = new byte[4]; // the start of a character that the last chunk cut in two
    private int _headLength;
    private int _tailLength;
    private long _length;
    private long _multiByte; // characters outside ASCII that are sound UTF-8
    private long _invalid;   // places that are not UTF-8

    /// <summary>The next bytes of the file, in chunks of any size.</summary>
    public void Append(ReadOnlySpan<byte> chunk)
    {
        _length += chunk.Length;
        var forHead = Math.Min(HeadBytes - _headLength, chunk.Length);
        chunk[..forHead].CopyTo(_head.AsSpan(_headLength));
        _headLength += forHead;

        while (_tailLength > 0 && chunk.Length > 0)
        {
            _tail[_tailLength++] = chunk[0];
            chunk = chunk[1..];
            Settle();
        }

        if (chunk.Length > 0) Count(chunk);
    }

    /// <summary>The decision over all that was appended.</summary>
    /// <remarks>
    /// A byte order mark is believed. Without one, UTF-16 must be evident from its zero bytes. Everything else is UTF-8 if it is
    /// valid, and Windows-1252 if it is not, with two exceptions: a file of sound UTF-8 whose last character is incomplete was cut
    /// off, and one with more sound multi-byte characters than broken places is UTF-8 with broken rows. Windows-1252 text hits a
    /// sound multi-byte sequence only by rare accident, and reading a Hindi list as Windows-1252 for one bad byte would send
    /// garbage to everyone on it.
    /// </remarks>
    public TextEncoding Decide()
    {
        ReadOnlySpan<byte> head = _head.AsSpan(0, _headLength);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) return new TextEncoding(TextEncoding.Utf8, _invalid > 0, CutOff: _tailLength > 0);
        if (Utf16(head) is { } utf16) return new TextEncoding(utf16, Damaged: true, CutOff: _length % 2 == 1);
        if (_invalid == 0 && _tailLength == 0) return new TextEncoding(TextEncoding.Utf8);
        if (_multiByte > _invalid) return new TextEncoding(TextEncoding.Utf8, _invalid > 0, CutOff: _tailLength > 0);
        return new TextEncoding(TextEncoding.Windows1252);
    }

    /// <summary>
    /// Without a mark: names, digits and separators make every second byte zero, and hardly any of the others. A text with a
    /// few stray NUL characters is far from that.
    /// </summary>
    private static string? Utf16(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) return TextEncoding.Utf16Le;
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) return TextEncoding.Utf16Be;
        var (even, odd) = (0, 0);
        for (var i = 0; i < head.Length; i++)
            if (head[i] == 0) _ = i % 2 == 0 ? even++ : odd++;
        var pairs = head.Length / 2;
        if (pairs < 2) return null;
        if (odd * 5 > pairs && even * 10 < odd) return TextEncoding.Utf16Le;
        return even * 5 > pairs && odd * 10 < even ? TextEncoding.Utf16Be : null;
    }

    private void Count(ReadOnlySpan<byte> chunk)
    {
        // Most files are ASCII for megabytes on end; the vectorised test keeps this pass far below the cost of the upload.
        if (Ascii.IsValid(chunk)) return;
        while (chunk.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(chunk, out _, out var consumed);
            if (status == OperationStatus.NeedMoreData)
            {
                chunk.CopyTo(_tail);
                _tailLength = chunk.Length;
                return;
            }

            if (status != OperationStatus.Done) _invalid++;
            else if (consumed > 1) _multiByte++;
            chunk = chunk[consumed..];
            var ascii = chunk.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (ascii != 0) chunk = ascii < 0 ? [] : chunk[ascii..];
        }
    }

    // The cut character with one more byte: sound, broken (its bytes are looked at again one by one) or still incomplete.
    private void Settle()
    {
        Span<byte> bytes = stackalloc byte[4];
        _tail.AsSpan(0, _tailLength).CopyTo(bytes);
        bytes = bytes[.._tailLength];
        _tailLength = 0;
        Count(bytes);
    }
}
