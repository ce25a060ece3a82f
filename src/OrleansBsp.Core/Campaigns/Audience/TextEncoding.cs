using System.Text;

namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>How the bytes of an uploaded file become text.</summary>
/// <param name="Name">As the API reports it: <c>utf-8</c>, <c>utf-16le</c>, <c>utf-16be</c> or <c>windows-1252</c>.</param>
/// <param name="Damaged">
/// The file has bytes that are no text in this encoding, so single rows must be looked at before they are believed.
/// </param>
/// <param name="CutOff">The file ends in the middle of a character: its end is missing.</param>
public sealed record TextEncoding(string Name, bool Damaged = false, bool CutOff = false)
{
    // Windows-1252 is not among .NET's default encodings; the provider is part of the framework and needs no registration.
    private static readonly Encoding Windows1252Text = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public const string Utf8 = "utf-8";
    public const string Utf16Le = "utf-16le";
    public const string Utf16Be = "utf-16be";
    public const string Windows1252 = "windows-1252";

    /// <summary>Replaces what it cannot read with U+FFFD; never throws.</summary>
    public Encoding Decoder => Name switch
    {
        Utf8 => Encoding.UTF8,
        Utf16Le => Encoding.Unicode,
        Utf16Be => Encoding.BigEndianUnicode,
        _ => Windows1252Text,
    };
}
