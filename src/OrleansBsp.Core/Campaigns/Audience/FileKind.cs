namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>What an upload turns out to be when it is no text.</summary>
public enum FileKind
{
    Text,
    ExcelWorkbook,
    OpenDocumentSpreadsheet,
    Zip,
    Gzip,
    Pdf,
    Binary,
}

/// <summary>Knows files by their first bytes: people upload the workbook itself more often than anything else.</summary>
public static class FileKinds
{
    /// <param name="head">The first kilobytes of the file; more than 4,096 bytes are only used to look into a zip.</param>
    /// <param name="wide">The text is UTF-16, where zero bytes are normal.</param>
    public static FileKind Of(ReadOnlySpan<byte> head, bool wide)
    {
        if (head.StartsWith("PK\u0003\u0004"u8)) return InsideZip(head);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0])) return FileKind.ExcelWorkbook; // the format of Excel 97 to 2003
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return FileKind.Gzip;
        if (head.StartsWith("%PDF-"u8)) return FileKind.Pdf;
        return !wide && HasTooManyControls(head[..Math.Min(head.Length, 4096)]) ? FileKind.Binary : FileKind.Text;
    }

    private static FileKind InsideZip(ReadOnlySpan<byte> head) =>
        head.IndexOf("opendocument.spreadsheet"u8) >= 0 ? FileKind.OpenDocumentSpreadsheet
        : head.IndexOf("[Content_Types].xml"u8) >= 0 || head.IndexOf("xl/"u8) >= 0 ? FileKind.ExcelWorkbook
        : FileKind.Zip;

    // One in twenty: compressed or compiled data has one in ten, and a text with a few stray NULs stays a text with bad rows.
    private static bool HasTooManyControls(ReadOnlySpan<byte> head)
    {
        var controls = 0;
        foreach (var b in head)
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0B or 0x0C)) controls++;
        return controls * 20 > head.Length;
    }
}
