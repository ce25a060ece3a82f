using System.Text.Json;

namespace OrleansBsp.Server.Meta;

/// <summary>A management call to Meta failed. The message is fit for the operator.</summary>
public sealed class GraphException(string message, int? code, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Meta's error code, if Meta answered with one.</summary>
    public int? Code { get; } = code;

    /// <summary>From Meta's error envelope (reference 2.1), or whatever came instead.</summary>
    public static GraphException From(int httpStatus, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var error = document.RootElement.GetProperty("error");
            var code = error.TryGetProperty("code", out var number) && number.TryGetInt32(out var value) ? value : (int?)null;
            var message = error.TryGetProperty("message", out var text) ? text.GetString() : null;
            return new GraphException($"Meta answered with error {code}: {message}", code);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new GraphException($"Meta answered with HTTP status {httpStatus} and no error that could be read", null);
        }
    }
}
