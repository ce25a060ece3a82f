using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OrleansBsp.Server.Meta;

/// <summary>
/// Keeps Meta's access tokens unreadable in the database: AES-256-GCM, bound to the WABA so that a token cannot be moved to another row.
/// </summary>
/// <param name="key">32 bytes, the same in every process of the installation; without it no message can be sent.</param>
public sealed class TokenCipher(byte[] key)
{
    private const byte Version = 1;
    private static readonly int NonceSize = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagSize = AesGcm.TagByteSizes.MaxSize;

    public byte[] Encrypt(string wabaId, string token)
    {
        var plain = Encoding.UTF8.GetBytes(token);
        var output = new byte[1 + NonceSize + TagSize + plain.Length];
        output[0] = Version;
        var nonce = output.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, plain, output.AsSpan(1 + NonceSize + TagSize), output.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(wabaId));
        return output;
    }

    /// <exception cref="TokenUnreadableException">The key is another one than at encryption, or the bytes were changed.</exception>
    public string Decrypt(string wabaId, ReadOnlySpan<byte> stored)
    {
        if (stored.Length < 1 + NonceSize + TagSize || stored[0] != Version)
            throw new TokenUnreadableException($"The stored access token of WhatsApp Business Account {wabaId} is not in a format this version knows. Put it in again (POST /api/v1/wabas).", null);
        var plain = new byte[stored.Length - 1 - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        try
        {
            aes.Decrypt(stored.Slice(1, NonceSize), stored[(1 + NonceSize + TagSize)..], stored.Slice(1 + NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(wabaId));
        }
        catch (AuthenticationTagMismatchException mismatch)
        {
            throw new TokenUnreadableException(
                $"The stored access token of WhatsApp Business Account {wabaId} was encrypted with another token.key than this process has. Give it that key and start it again, or put the token in again (POST /api/v1/wabas).",
                mismatch);
        }

        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>Reads the key from a file readable by its owner only, or makes the file. Processes that start together on one folder have the same key.</summary>
    public static TokenCipher FromFile(string path)
    {
        if (!File.Exists(path)) Make(path);
        return FromGivenFile(path);
    }

    /// <summary>Reads a key that somebody else keeps. A missing one is not made up: each process would make another.</summary>
    /// <exception cref="InvalidDataException">The file is not there or does not hold 32 bytes.</exception>
    public static TokenCipher FromGivenFile(string path)
    {
        var key = File.Exists(path) ? File.ReadAllBytes(path) : throw new InvalidDataException($"The token key file {path} does not exist.");
        return key.Length == 32 ? new TokenCipher(key) : throw new InvalidDataException($"The token key file {path} must hold 32 bytes, not {key.Length}.");
    }

    // It is complete before it has its name, and the first to have the name keeps it.
    private static void Make(string path)
    {
        var made = $"{path}.{Guid.NewGuid():N}";
        using (var file = new FileStream(made, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(RandomNumberGenerator.GetBytes(32));
        }

        // Not File.Move: it looks whether the name is free and then takes it, and in between another can have had it.
        if (Link(made, path) != 0 && !File.Exists(path)) File.Move(made, path); // a file system without links
        File.Delete(made);
    }

    [DllImport("libc", EntryPoint = "link")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}

/// <summary>A stored access token cannot be decrypted; the message says whose, and what to do. Nothing is lost: with the key, or the token put in anew, everything goes on.</summary>
public sealed class TokenUnreadableException(string message, Exception? cause) : CryptographicException(message, cause);
