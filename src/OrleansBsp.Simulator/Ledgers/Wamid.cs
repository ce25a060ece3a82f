using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrleansBsp.Simulator.Ledgers;

/// <summary>
/// Message ids that look like Meta's (reference 0.4): <c>1C 18 len digits 15 02 00 11|12 18 len hex 00</c> in base64. The hexadecimal part is
/// a permutation of the ledger's ordinal under the run's key, so that ids need no memory and two runs never share one.
/// </summary>
internal readonly struct Wamid(ulong runKey)
{
    public const int MaxBytes = 128;
    private const ulong Spread = 0x9E3779B97F4A7C15;
    private static readonly ulong Gather = Inverse(Spread);

    /// <summary>Writes the id of an outbound message as ASCII and returns its length.</summary>
    public int WriteOutbound(ulong digits, int ordinal, Span<byte> to) => Write(digits, (ulong)ordinal, inbound: false, to);

    public string Outbound(ulong digits, int ordinal) => Text(digits, (ulong)ordinal, inbound: false);

    public string Inbound(ulong digits, int ordinal) => Text(digits, (ulong)ordinal, inbound: true);

    /// <summary>The ordinal behind an outbound id of this run, or -1.</summary>
    public int OrdinalOrMinus1(string wamid)
    {
        Span<byte> raw = stackalloc byte[96];
        if (!wamid.StartsWith("wamid.", StringComparison.Ordinal) || !Convert.TryFromBase64String(wamid[6..], raw, out var length) || length < 20)
        {
            return -1;
        }

        var hex = raw[(length - 19)..(length - 1)];
        return ulong.TryParse(hex[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) && (id ^ runKey) * Gather is <= int.MaxValue and var ordinal
            ? (int)ordinal
            : -1;
    }

    private string Text(ulong digits, ulong ordinal, bool inbound)
    {
        Span<byte> buffer = stackalloc byte[MaxBytes];
        return Encoding.ASCII.GetString(buffer[..Write(digits, ordinal, inbound, buffer)]);
    }

    private int Write(ulong digits, ulong ordinal, bool inbound, Span<byte> to)
    {
        Span<byte> raw = stackalloc byte[64];
        raw[0] = 0x1C;
        raw[1] = 0x18;
        Utf8Formatter.TryFormat(digits, raw[3..], out var digitCount);
        raw[2] = (byte)digitCount;
        var at = 3 + digitCount;
        ReadOnlySpan<byte> middle = [0x15, 0x02, 0x00, (byte)(inbound ? 0x12 : 0x11), 0x18, (byte)(inbound ? 0x14 : 0x12)];
        middle.CopyTo(raw[at..]);
        at += middle.Length;
        if (inbound)
        {
            "3A"u8.CopyTo(raw[at..]);
            at += 2;
        }

        Span<byte> id = stackalloc byte[9];
        BinaryPrimitives.WriteUInt64BigEndian(id, (ordinal * Spread) ^ runKey);
        id[8] = (byte)Hash.Mix(ordinal ^ runKey);
        Convert.TryToHexString(id, raw[at..], out var hexLength);
        at += hexLength + 1;
        "wamid."u8.CopyTo(to);
        Base64.EncodeToUtf8(raw[..at], to[6..], out _, out var written);
        return 6 + written;
    }

    // Newton's iteration doubles the correct bits: an odd number is its own inverse modulo 8.
    private static ulong Inverse(ulong odd)
    {
        var inverse = odd;
        for (var i = 0; i < 5; i++)
        {
            inverse *= 2 - (odd * inverse);
        }

        return inverse;
    }
}
