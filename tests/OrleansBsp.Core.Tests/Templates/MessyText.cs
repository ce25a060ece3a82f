using FsCheck;
using FsCheck.Fluent;

namespace OrleansBsp.Core.Tests.Templates;

/// <summary>Text as audiences have it at their worst: rich in white space, controls, quotes and broken surrogates.</summary>
public sealed record MessyText(string Value)
{
    private static readonly string[] Pieces =
        ["a", "Z", "7", " ", " ", "  ", "     ", "\t", "\n", "\r\n", "\0", "\u001F", "\u007F", "\u0085", "\u00A0", "\u2003", "\u2028", "\uFEFF",
         "\"", "\\", "/", "{{", "}}", "<", "&", "'", "é", "आ", "漢", "\U0001F600", "\uD83D", "\uDE00", "\u200D"];

    public static Arbitrary<MessyText> Arbitrary() =>
        Gen.Elements(Pieces).ListOf().Select(pieces => new MessyText(string.Concat(pieces))).ToArbitrary();
}
