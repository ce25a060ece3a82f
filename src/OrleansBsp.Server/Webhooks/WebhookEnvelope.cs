using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Webhooks;

/// <summary>
/// A webhook's raw bytes as the text of a queue message. The first character says how: <c>t</c> as they are, <c>b</c> base64, <c>z</c> compressed and base64.
/// </summary>
/// <remarks>
/// SQS takes characters, and not all of them. Meta's JSON is text, so a body goes as it is and costs no third more; what is no such text (broken
/// UTF-8, control characters: signed all the same, and kept whatever it says) goes as base64.
/// </remarks>
internal static class WebhookEnvelope
{
    // What SQS forbids in a message of the bytes that UTF-8 text can have: control characters but tab, line feed and carriage return.
    private static readonly SearchValues<byte> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Except([0x09, 0x0A, 0x0D]).Select(code => (byte)code)]);

    /// <summary>Null: it is too large for a message, even compressed.</summary>
    public static string? EncodeOrNull(byte[] body)
    {
        if (IsText(body) && body.Length < SqsQueue.MaxBytes) return "t" + Encoding.UTF8.GetString(body);
        if (Base64Length(body.Length) < SqsQueue.MaxBytes) return "b" + Convert.ToBase64String(body);

        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(body);
        return Base64Length(compressed.Length) < SqsQueue.MaxBytes ? "z" + Convert.ToBase64String(compressed.GetBuffer().AsSpan(0, (int)compressed.Length)) : null;
    }

    /// <summary>Null: this message is not ours.</summary>
    /// <param name="limit">What expands to more is not ours either.</param>
    public static byte[]? DecodeOrNull(string message, int limit)
    {
        if (message.Length == 0) return null;
        if (message[0] == 't') return Encoding.UTF8.GetBytes(message, 1, message.Length - 1);
        if (message[0] is not ('b' or 'z')) return null;

        var bytes = new byte[message.Length * 3 / 4 + 3];
        if (!Convert.TryFromBase64Chars(message.AsSpan(1), bytes, out var length)) return null;
        return message[0] == 'b' ? bytes[..length] : ExpandOrNull(bytes, length, limit);
    }

    /// <summary>What an operator may know of a message; null: it is not ours.</summary>
    public static MessageNames? NamesOrNull(string message)
    {
        if (DecodeOrNull(message, WebhookEndpoints.MaxBody) is not { } body) return null;
        var content = WebhookReader.Read(body);
        string?[] numbers = [.. content.Statuses.Select(status => status.PhoneNumberId), .. content.Inbound.Select(inbound => inbound.PhoneNumberId)];
        return new MessageNames(PhoneNumberId: numbers.FirstOrDefault(number => number is not null));
    }

    // U+FFFE and U+FFFF are text for UTF-8 and not for SQS: EF BF BE and EF BF BF.
    private static bool IsText(ReadOnlySpan<byte> body) =>
        Utf8.IsValid(body) && body.IndexOfAny(Forbidden) < 0 && body.IndexOf([(byte)0xEF, (byte)0xBF, (byte)0xBE]) < 0 && body.IndexOf([(byte)0xEF, (byte)0xBF, (byte)0xBF]) < 0;

    private static long Base64Length(long bytes) => (bytes + 2) / 3 * 4;

    private static byte[]? ExpandOrNull(byte[] bytes, int length, int limit)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes, 0, length), CompressionMode.Decompress);
            var expanded = new byte[limit + 1];
            var read = gzip.ReadAtLeast(expanded, expanded.Length, throwOnEndOfStream: false);
            return read <= limit ? expanded[..read] : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
