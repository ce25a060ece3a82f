using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansBsp.Simulator.Graph;

/// <summary>Writes answers. Buffers are per thread and emptied into the response before anything is awaited.</summary>
internal static class GraphAnswer
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonSerializerOptions NodeOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static ulong traces;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    public static Task WriteAsync(HttpContext context, int httpStatus, JsonNode body)
        => WriteBytesAsync(context, httpStatus, "application/json; charset=UTF-8", JsonSerializer.SerializeToUtf8Bytes(body, NodeOptions));

    public static Task WriteErrorAsync(HttpContext context, GraphError error, int rateLimitHttpStatus)
    {
        var data = error.Details is null ? null : new JsonObject { ["messaging_product"] = "whatsapp", ["details"] = error.Details };
        var body = new JsonObject { ["message"] = error.Message, ["type"] = error.Type, ["code"] = error.Code };
        if (data is not null)
        {
            body["error_data"] = data;
        }

        if (error.Subcode is { } subcode)
        {
            body["error_subcode"] = subcode;
        }

        body["fbtrace_id"] = NewTrace();
        var status = GraphErrors.IsRateLimit(error.Code) ? rateLimitHttpStatus : error.HttpStatus;
        return WriteAsync(context, status, new JsonObject { ["error"] = body });
    }

    /// <summary>The 200 of an accepted send (reference 1.2). <paramref name="cut"/> leaves out the second half of the bytes.</summary>
    public static Task WriteAcceptedAsync(HttpContext context, in AcceptedSend accepted, bool cut)
    {
        var bytes = buffer ??= new ArrayBufferWriter<byte>(1024);
        bytes.ResetWrittenCount();
        var json = writer ??= new Utf8JsonWriter(bytes, WriterOptions);
        json.Reset(bytes);
        json.WriteStartObject();
        json.WriteString("messaging_product"u8, "whatsapp"u8);
        json.WriteStartArray("contacts"u8);
        json.WriteStartObject();
        json.WriteString("input"u8, accepted.Input);
        if (accepted.WaId != 0)
        {
            Span<byte> digits = stackalloc byte[20];
            accepted.WaId.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
            json.WriteString("wa_id"u8, digits[..length]);
        }

        if (accepted.UserId is not null)
        {
            json.WriteString("user_id"u8, accepted.UserId);
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("messages"u8);
        json.WriteStartObject();
        json.WriteString("id"u8, accepted.Wamid);
        if (accepted.IsTemplate)
        {
            json.WriteString("message_status"u8, accepted.Held ? "held_for_quality_assessment"u8 : "accepted"u8);
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        var written = bytes.WrittenSpan;
        return WriteBytesAsync(context, 200, "application/json; charset=UTF-8", cut ? written[..(written.Length / 2)] : written);
    }

    public static Task WriteBytesAsync(HttpContext context, int httpStatus, string contentType, ReadOnlySpan<byte> body)
    {
        var response = context.Response;
        response.StatusCode = httpStatus;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
        var flush = response.BodyWriter.FlushAsync(context.RequestAborted);
        return flush.IsCompletedSuccessfully ? Task.CompletedTask : flush.AsTask();
    }

    // 22 characters of base64url after an A, as Meta's look.
    private static string NewTrace()
    {
        Span<byte> raw = stackalloc byte[16];
        var trace = Interlocked.Increment(ref traces);
        BitConverter.TryWriteBytes(raw, Hash.Mix(trace ^ (ulong)Environment.TickCount64));
        BitConverter.TryWriteBytes(raw[8..], Hash.Mix(trace + 77));
        return "A" + System.Buffers.Text.Base64Url.EncodeToString(raw);
    }
}

/// <summary>What the answer to an accepted send says.</summary>
/// <param name="Input">The recipient as it was written in the request.</param>
/// <param name="WaId">Canonical digits, 0 for a BSUID.</param>
/// <param name="Wamid">ASCII.</param>
internal readonly record struct AcceptedSend(int Ordinal, string Input, ulong WaId, string? UserId, byte[] Wamid, bool IsTemplate, bool Held, bool Early);
