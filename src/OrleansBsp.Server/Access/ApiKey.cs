using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrleansBsp.Server.Access;

/// <summary>
/// <c>bsp_</c> and 32 random bytes in base64url. Shown once when it is made; only its SHA-256 is stored. No salt and no slow hash:
/// 256 random bits cannot be guessed, and a lookup by hash leaks nothing through its timing.
/// </summary>
internal static class ApiKey
{
    public const string Prefix = "bsp_";

    // 32 bytes are 43 characters of base64url.
    private const int Length = 4 + 43;

    public static string Make() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static bool LooksLikeOne(string text) => text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal);

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>The SHA-256 of a key as a value, so that it can be the key of a table in memory.</summary>
internal readonly record struct KeyHash(UInt128 High, UInt128 Low)
{
    public static KeyHash From(ReadOnlySpan<byte> hash) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
}
