using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>
/// An upload on its way through a temporary file. Nothing is decided and no row is locked before it has arrived completely: a
/// cut-off upload leaves no trace, a slow one holds no transaction open, and the encoding is known for the whole file.
/// </summary>
internal sealed class UploadSpool : IAsyncDisposable
{
    private const int ChunkBytes = 128 * 1024;
    private readonly FileStream _file;
    private readonly EncodingEvidence _evidence = new();

    public UploadSpool(string folder)
    {
        var path = Path.Combine(folder, $"audience-{Guid.NewGuid():N}.csv");
        var settings = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan,
        };
        if (!OperatingSystem.IsWindows()) settings.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // people's phone numbers
        _file = new FileStream(path, settings);
        // Without its name the file goes with the process, also after kill -9. Windows keeps the name until it is closed.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
    }

    /// <summary>Known once <see cref="ReceiveAsync"/> has returned null.</summary>
    public TextEncoding Encoding { get; private set; } = new(TextEncoding.Utf8);

    /// <summary>Takes the whole upload.</summary>
    /// <returns>Null, or why it was not taken. A disk that is full is an exception: that is our fault, not the file's.</returns>
    public async Task<AudienceImport.Refused?> ReceiveAsync(Stream body, long maxBytes, CancellationToken cancel)
    {
        var buffer = new byte[ChunkBytes];
        long length = 0;
        while (true)
        {
            int read;
            try
            {
                read = await body.ReadAsync(buffer, cancel);
            }
            catch (BadHttpRequestException failure) when (failure.StatusCode == StatusCodes.Status413PayloadTooLarge)
            {
                return AudienceRefusals.TooLarge(maxBytes);
            }
            catch (IOException)
            {
                // Kestrel's word for a client that went away or sent less than its Content-Length.
                return AudienceRefusals.CutOff($"The connection ended after {length:N0} bytes, before the file was complete.");
            }

            if (read == 0) break;
            length += read;
            if (length > maxBytes) return AudienceRefusals.TooLarge(maxBytes);
            _evidence.Append(buffer.AsSpan(0, read));
            await _file.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        if (length == 0) return AudienceRefusals.Empty();
        Encoding = _evidence.Decide();
        return null;
    }

    /// <summary>The first bytes of the file, fewer if it is shorter.</summary>
    public byte[] Head(int bytes)
    {
        var head = new byte[Math.Min(bytes, _file.Length)];
        _file.Position = 0;
        _file.ReadExactly(head);
        return head;
    }

    /// <summary>The file from its start. One reader at a time; the spool stays its owner.</summary>
    public Stream Rewind()
    {
        _file.Position = 0;
        return _file;
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
