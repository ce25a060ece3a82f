namespace OrleansBsp.Core.Campaigns.Audience;

/// <summary>
/// Keeps a rejects file from running code in the spreadsheet that opens it: somebody else may have written those cells.
/// </summary>
/// <remarks>
/// A cell that starts with = + - @ (or tab or carriage return) gets an apostrophe in front, which spreadsheets take as "this is text".
/// Except cells made only of digits, spaces and <c>+ - . ( ) /</c>: they hold no name, reference or function, so a spreadsheet can
/// at worst do a sum, and an apostrophe would break the phone numbers that the file is there to mend ("+91 98765-43210").
/// </remarks>
public static class FormulaGuard
{
    private const string Harmless = "0123456789 +-.()/";

    public static string Cell(string value) =>
        value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && value.AsSpan().ContainsAnyExcept(Harmless)
            ? "'" + value
            : value;
}
