using System.Security.Cryptography;
using System.Text;

namespace OrleansBsp.Simulator.Webhooks;

/// <summary><c>X-Hub-Signature-256</c> over the exact bytes (reference 5.2).</summary>
public static class Signature
{
    public const string Header = "X-Hub-Signature-256";

    /// <summary>"sha256=" and lowercase hexadecimal digits.</summary>
    public static string Of(string appSecret, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(appSecret), body, hash);
        return "sha256=" + Convert.ToHexStringLower(hash);
    }
}
