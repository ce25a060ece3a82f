namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>Reads the whole body of a request into memory and puts it back for the handler.</summary>
internal static class BufferedBody
{
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Null: it is larger than <see cref="MaxBytes"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> TryReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength > MaxBytes) return null;
        var body = new MemoryStream((int)(request.ContentLength ?? 0));
        var chunk = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(chunk, context.RequestAborted)) > 0;)
        {
            if (body.Length + read > MaxBytes) return null;
            body.Write(chunk, 0, read);
        }

        body.Position = 0;
        request.Body = body;
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
