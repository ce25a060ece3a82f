using System.Buffers.Text;
using System.Text.Json;

namespace OrleansBsp.Server.Http;

/// <summary>
/// A position in a list as an opaque string: base64url of a small JSON value. Not signed: it only says where to go on, and the
/// statement that uses it applies the caller's rights and filters again.
/// </summary>
public static class Cursor
{
    // Longer than any position; keeps nonsense from being decoded at length.
    private const int MaxLength = 1024;

    public static string Encode<T>(T position) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(position, JsonManner.Options));

    /// <summary>False for anything that <see cref="Encode{T}"/> has not made for the same <typeparamref name="T"/>.</summary>
    public static bool TryDecode<T>(string cursor, out T position)
    {
        position = default!;
        if (cursor.Length is 0 or > MaxLength || !Base64Url.IsValid(cursor)) return false;
        try
        {
            if (JsonSerializer.Deserialize<T>(Base64Url.DecodeFromChars(cursor), JsonManner.Options) is not { } value) return false;
            position = value;
            return true;
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            return false;
        }
    }
}
