using System.Text.RegularExpressions;

namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>What spreadsheets and data tools do to phone numbers, told apart because each is mended in another way.</summary>
public enum SpreadsheetDamage
{
    None,

    /// <summary><c>9.19877E+11</c>: the digits are gone, only the sheet still has them.</summary>
    Scientific,

    /// <summary><c>9876543210.0</c>: the number went through a floating point column. Read as digits it would be another number.</summary>
    Decimal,

    /// <summary><c>'9876543210</c>: a text marker that was saved with the value.</summary>
    Apostrophe,
}

/// <summary>Recognises <see cref="SpreadsheetDamage"/>.</summary>
public static partial class SpreadsheetDamages
{
    /// <param name="value">A phone cell, trimmed.</param>
    public static SpreadsheetDamage Of(string value)
    {
        if (value.Length == 0) return SpreadsheetDamage.None;
        if (value[0] is '\'' or '\u2018' or '\u2019' or '`' or '\u00B4') return SpreadsheetDamage.Apostrophe;
        // Both of the others need one of these; most cells have none and skip the expressions.
        if (value.AsSpan().IndexOfAny(".,eE") < 0) return SpreadsheetDamage.None;
        if (Scientific().IsMatch(value)) return SpreadsheetDamage.Scientific;
        return Decimal().IsMatch(value) ? SpreadsheetDamage.Decimal : SpreadsheetDamage.None;
    }

    [GeneratedRegex(@"^[+-]?[0-9]+([.,][0-9]*)?[eE][+-]?[0-9]{1,3}$")]
    private static partial Regex Scientific();

    [GeneratedRegex(@"^[+-]?[0-9]{5,}[.,]0{1,6}$")]
    private static partial Regex Decimal();
}
