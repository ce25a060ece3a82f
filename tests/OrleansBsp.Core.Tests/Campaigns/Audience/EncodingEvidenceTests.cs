using System.Text;
using FsCheck.Xunit;
using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Core.Tests.Campaigns.Audience;

public sealed class EncodingEvidenceTests
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string, byte[], string, bool, bool> Files => new()
    {
        { "nothing", [], TextEncoding.Utf8, false, false },
        { "plain ASCII", "name,phone\nAsha,1"u8.ToArray(), TextEncoding.Utf8, false, false },
        { "UTF-8", "name\nRenée\nमीरा\n"u8.ToArray(), TextEncoding.Utf8, false, false },
        { "UTF-8 with a mark", [0xEF, 0xBB, 0xBF, .. "name"u8], TextEncoding.Utf8, false, false },
        { "UTF-8 with a mark and a broken byte", [0xEF, 0xBB, 0xBF, .. "name\n"u8, 0xE9, .. "\n"u8], TextEncoding.Utf8, true, false },
        { "a mark alone", [0xEF, 0xBB, 0xBF], TextEncoding.Utf8, false, false },
        { "UTF-16 with a mark", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("नाम")], TextEncoding.Utf16Le, true, false },
        { "UTF-16 big-endian with a mark", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("नाम")], TextEncoding.Utf16Be, true, false },
        { "UTF-16 cut in a character", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("name"), 0x41], TextEncoding.Utf16Le, true, true },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes("नाम,phone\nमीरा,9876543210\n"), TextEncoding.Utf16Le, true, false },
        { "UTF-16 big-endian without a mark", Encoding.BigEndianUnicode.GetBytes("name,phone\nमीरा,9876543210\n"), TextEncoding.Utf16Be, true, false },
        { "Windows-1252", Windows1252.GetBytes("name\nRenée\n"), TextEncoding.Windows1252, false, false },
        { "Windows-1252 whose last byte could start a UTF-8 character", Windows1252.GetBytes("name\nRené"), TextEncoding.Windows1252, false, false },
        { "Windows-1252 with one accidental UTF-8 pair", Windows1252.GetBytes("Ã©\nRenée\nCafé\n"), TextEncoding.Windows1252, false, false },
        { "UTF-8 cut in a character", [.. "name\nमीरा\n"u8, 0xE0, 0xA4], TextEncoding.Utf8, false, true },
        { "a Hindi list with one broken byte", [.. "नाम\nमीरा\n"u8, 0xFF, .. "\nआशा\n"u8], TextEncoding.Utf8, true, false },
        { "ASCII with a stray NUL", "name,phone\nAs\0ha,9876543210\n"u8.ToArray(), TextEncoding.Utf8, false, false },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Decide_WholeFile_IsThisEncoding(string what, byte[] file, string name, bool damaged, bool cutOff)
    {
        Assert.NotEmpty(what);
        Assert.Equal(new TextEncoding(name, damaged, cutOff), Decide(file, file.Length));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decide_ByteByByte_IsTheSame(string what, byte[] file, string name, bool damaged, bool cutOff)
    {
        Assert.NotEmpty(what);
        Assert.Equal(new TextEncoding(name, damaged, cutOff), Decide(file, 1));
    }

    [Fact]
    public void Decide_FirstAccentAfterMegabytes_IsStillRight()
    {
        byte[] ascii = [.. Enumerable.Repeat("Asha,9876543210\n"u8.ToArray(), 200_000).SelectMany(row => row)];

        Assert.Equal(TextEncoding.Windows1252, Decide([.. ascii, .. Windows1252.GetBytes("Renée\n")], 65_537).Name);
        Assert.Equal(TextEncoding.Utf8, Decide([.. ascii, .. "Renée\n"u8], 65_537).Name);
    }

    [Property]
    public bool Decide_AnyBytes_DoesNotDependOnTheChunks(byte[] file, byte chunk) => Decide(file, file.Length) == Decide(file, 1 + (chunk % 7));

    [Property]
    public bool Decide_SoundUtf8_IsUtf8(FsCheck.UnicodeString text) =>
        text.Get is null || text.Get.Contains('\0') || text.Get.StartsWith('\uFEFF') || Decide(Encoding.UTF8.GetBytes(text.Get), 3).Name == TextEncoding.Utf8;

    private static TextEncoding Decide(byte[] file, int chunk)
    {
        var evidence = new EncodingEvidence();
        for (var at = 0; at < file.Length; at += chunk) evidence.Append(file.AsSpan(at, Math.Min(chunk, file.Length - at)));
        return evidence.Decide();
    }
}
