using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Core.Tests.Campaigns.Audience;

public sealed class FileKindTests
{
    public static TheoryData<FileKind, byte[], bool> Heads => new()
    {
        { FileKind.Text, "name,phone\nAs\0ha,9876543210\n"u8.ToArray(), false },
        { FileKind.Text, [], false },
        { FileKind.Text, "\r\n\t,\n"u8.ToArray(), false },
        { FileKind.Text, [(byte)'n', 0, (byte)',', 0], true },
        { FileKind.ExcelWorkbook, [.. "PK\u0003\u0004"u8, 0x14, 0, .. "[Content_Types].xml"u8], false },
        { FileKind.ExcelWorkbook, [.. "PK\u0003\u0004"u8, 0x14, 0, .. "xl/workbook.xml"u8], false },
        { FileKind.ExcelWorkbook, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1], false },
        { FileKind.OpenDocumentSpreadsheet, [.. "PK\u0003\u0004"u8, .. "mimetypeapplication/vnd.oasis.opendocument.spreadsheet"u8], false },
        { FileKind.Zip, [.. "PK\u0003\u0004"u8, 0x14, 0, .. "people.csv"u8], false },
        { FileKind.Gzip, [0x1F, 0x8B, 8], false },
        { FileKind.Pdf, "%PDF-1.7"u8.ToArray(), false },
        { FileKind.Binary, [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D], false },
        { FileKind.Binary, [0], false },
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public void Of_Head_IsThisKind(FileKind kind, byte[] head, bool wide) => Assert.Equal(kind, FileKinds.Of(head, wide));
}
