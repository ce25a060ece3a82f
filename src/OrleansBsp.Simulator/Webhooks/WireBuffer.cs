using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansBsp.Simulator.Webhooks;

/// <summary>
/// Builds JSON as Meta puts it on the wire: non-ASCII as lowercase <c>\u00e4</c> and "/" as <c>\/</c> (reference 5.2). The framework's writer
/// can do neither. One buffer belongs to one worker and is used again.
/// </summary>
internal sealed class WireBuffer
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x5F).Select(code => (byte)code).Where(code => code is not ((byte)'"' or (byte)'\\' or (byte)'/'))]);

    private byte[] bytes = new byte[4096];
    private int length;

    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, length);

    public void Clear() => length = 0;

    /// <summary>Bytes that are JSON already.</summary>
    public WireBuffer Raw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Room(json.Length));
        length += json.Length;
        return this;
    }

    public WireBuffer Number(long value)
    {
        value.TryFormat(Room(20), out var written, provider: CultureInfo.InvariantCulture);
        length += written;
        return this;
    }

    public WireBuffer Digits(ulong value)
    {
        value.TryFormat(Room(20), out var written, provider: CultureInfo.InvariantCulture);
        length += written;
        return this;
    }

    /// <summary>Text with quotes and escapes.</summary>
    public WireBuffer Text(string text)
    {
        var max = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = ArrayPool<byte>.Shared.Rent(max);
        Text(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    /// <summary>UTF-8 text with quotes and escapes.</summary>
    public WireBuffer Text(ReadOnlySpan<byte> utf8)
    {
        Raw("\""u8);
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOfAnyExcept(Plain);
            if (plain < 0)
            {
                Raw(utf8);
                break;
            }

            Raw(utf8[..plain]);
            utf8 = utf8[plain..];
            Rune.DecodeFromUtf8(utf8, out var rune, out var consumed);
            Escape(rune);
            utf8 = utf8[consumed..];
        }

        return Raw("\""u8);
    }

    /// <summary>Any JSON value, escaped anew.</summary>
    public WireBuffer Value(JsonElement element)
    {
        var first = true;
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Raw("{"u8);
                foreach (var property in element.EnumerateObject())
                {
                    Comma(ref first).Text(property.Name).Raw(":"u8).Value(property.Value);
                }

                return Raw("}"u8);
            case JsonValueKind.Array:
                Raw("["u8);
                foreach (var item in element.EnumerateArray())
                {
                    Comma(ref first).Value(item);
                }

                return Raw("]"u8);
            case JsonValueKind.String:
                return Text(element.GetString()!);
            default:
                return Raw(Encoding.UTF8.GetBytes(element.GetRawText()));
        }
    }

    public WireBuffer Comma(ref bool first)
    {
        if (!first)
        {
            Raw(","u8);
        }

        first = false;
        return this;
    }

    private void Escape(Rune rune)
    {
        switch (rune.Value)
        {
            case '"':
                Raw("\\\""u8);
                return;
            case '\\':
                Raw("\\\\"u8);
                return;
            case '/':
                Raw("\\/"u8);
                return;
            case '\n':
                Raw("\\n"u8);
                return;
            case '\r':
                Raw("\\r"u8);
                return;
            case '\t':
                Raw("\\t"u8);
                return;
        }

        Span<char> units = stackalloc char[2];
        foreach (var unit in units[..rune.EncodeToUtf16(units)])
        {
            Raw("\\u"u8);
            ((int)unit).TryFormat(Room(4), out _, "x4", CultureInfo.InvariantCulture);
            length += 4;
        }
    }

    private Span<byte> Room(int needed)
    {
        if (bytes.Length - length < needed)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + needed));
        }

        return bytes.AsSpan(length);
    }
}
