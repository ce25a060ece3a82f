using System.Security.Cryptography;
using System.Text;

namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>What a request was: 32 bytes of SHA-256 over method, path and query, then 32 over the body. Kept apart, so that a refusal can say which differs.</summary>
internal static class RequestHash
{
    private const int Half = 32;

    public static byte[] Of(HttpRequest request, ReadOnlySpan<byte> body)
    {
        var hash = new byte[2 * Half];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}"), hash);
        SHA256.HashData(body, hash.AsSpan(Half));
        return hash;
    }

    public static bool SamePlace(byte[] a, byte[] b) => a.AsSpan(0, Half).SequenceEqual(b.AsSpan(0, Half));

    /// <summary>Short, for a message: enough to compare by eye, and a caller can compute it too.</summary>
    public static string BodyShown(byte[] hash) => Convert.ToHexStringLower(hash, Half, 6);
}
