using System.Security.Cryptography;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Checks <c>X-Hub-Signature-256</c> (reference 5.2).</summary>
public static class WebhookSignature
{
    private const string Prefix = "sha256=";

    /// <summary>
    /// True if the header is the HMAC-SHA256 of the raw body. Pass the bytes as they came: Meta escapes non-ASCII and
    /// slashes, so a body that was parsed and written again has another signature. Constant time in the digest.
    /// </summary>
    /// <param name="body">The raw request body.</param>
    /// <param name="header">The header's value, <c>sha256=</c> and 64 hex digits; anything else is false.</param>
    /// <param name="secret">The app secret as UTF-8; empty is false, so that a missing setting never opens the door.</param>
    public static bool IsValid(ReadOnlySpan<byte> body, string? header, ReadOnlySpan<byte> secret)
    {
        Span<byte> claimed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (secret.IsEmpty
            || header is null
            || header.Length != Prefix.Length + (2 * HMACSHA256.HashSizeInBytes)
            || !header.StartsWith(Prefix, StringComparison.Ordinal)
            || Convert.FromHexString(header.AsSpan(Prefix.Length), claimed, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        Span<byte> actual = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, body, actual);
        return CryptographicOperations.FixedTimeEquals(actual, claimed);
    }
}
