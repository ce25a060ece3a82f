using System.Text.Json;
using OrleansBsp.Server.Http;

namespace OrleansBsp.Server.Access;

/// <summary>Reads and writes <c>credentials.json</c>: whole or not at all, and for its owner only from its first byte on.</summary>
internal static class CredentialsFile
{
    private static readonly JsonSerializerOptions Indented = new(JsonManner.Options) { WriteIndented = true };

    public static async Task<FirstCredentials?> ReadOrNullAsync(string file, CancellationToken cancel)
    {
        if (!File.Exists(file)) return null;
        try
        {
            return JsonSerializer.Deserialize<FirstCredentials>(await File.ReadAllTextAsync(file, cancel), Indented)
                ?? throw new InvalidDataException($"{file} is empty; mend it or move it away.");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{file} cannot be understood ({failure.Message}); mend it or move it away.", failure);
        }
    }

    public static async Task WriteAsync(string file, FirstCredentials credentials, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        // A name of its own: another process may be writing too, and a leftover of a crash may belong to somebody else.
        var draft = $"{file}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            await using (var stream = new FileStream(draft, options))
            {
                await JsonSerializer.SerializeAsync(stream, credentials, Indented, cancel);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, file, overwrite: true);
        }
        finally
        {
            File.Delete(draft); // nothing to delete once it is moved
        }
    }
}
