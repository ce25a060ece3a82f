using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>Every reason for which a whole file is refused, with its status and words. The codes are part of the interface.</summary>
public static class AudienceRefusals
{
    public static AudienceImport.Refused NoCampaign(long campaignId) =>
        One(404, "No such campaign", "campaign_missing", $"There is no campaign {campaignId}.");

    public static AudienceImport.Refused NotDraft(long campaignId, string state) =>
        One(409, "The audience is frozen", "campaign_not_draft",
            $"Campaign {campaignId} is {state}; its audience can only be replaced while it is a draft. Make a new campaign for this file.");

    public static AudienceImport.Refused Busy(long campaignId) =>
        One(409, "The campaign is busy", "campaign_busy", $"Another request is changing campaign {campaignId} just now. Upload the file again.");

    public static AudienceImport.Refused NoPhoneColumnNamed() =>
        One(400, "No phone column named", "phone_column_empty", "phoneColumn is empty. Name the column that holds the phone numbers.");

    public static AudienceImport.Refused UnknownCountry(string country) =>
        One(400, "Unknown country", "default_country",
            $"\"{country}\" is not a country. The default country is a two-letter code of ISO 3166-1, such as IN for India.");

    public static AudienceImport.Refused ContentType(string? contentType, string advice) =>
        One(415, "Not a CSV file", "content_type", $"The content type is {contentType ?? "missing"}; text/csv is expected. {advice}");

    public static AudienceImport.Refused TooLarge(long maxBytes) =>
        One(413, "The file is too large", "file_too_large", $"The file is larger than {maxBytes / 1_000_000.0:0.#} MB. Split it over several campaigns.");

    public static AudienceImport.Refused CutOff(string detail) => One(400, "The upload was cut off", "cut_off", $"{detail} Upload the file again.");

    public static AudienceImport.Refused Empty() => One(400, "The file is empty", "empty_file", "The file has no rows, not even a header.");

    public static AudienceImport.Refused NoRows(AudienceHeader header) =>
        One(400, "The file has no rows", "no_rows", $"The file has a header ({string.Join(", ", header.Names.Take(20))}) and no rows below it.");

    public static AudienceImport.Refused Header(IReadOnlyList<AudienceProblem> problems) =>
        new(400, "The header cannot be used", string.Join(" ", problems.Take(5).Select(problem => problem.Message)), problems);

    public static AudienceImport.Refused TooManyRows(int max) =>
        One(413, "The file has too many rows", "too_many_rows", $"The file has more than {max:N0} rows. Split it over several campaigns.");

    /// <param name="row">The row, where 0 is the header.</param>
    public static AudienceImport.Refused LineTooLong(int row, int maxBytes) =>
        One(400, "A row is too long", "line_too_long",
            $"{Row(row)} is longer than {maxBytes / 1_000_000.0:0.#} MB. The usual cause is a quotation mark that is never closed.", row);

    /// <param name="row">The row, where 0 is the header.</param>
    public static AudienceImport.Refused UnclosedQuote(int row) =>
        One(400, "A quotation mark is never closed", "unclosed_quote",
            $"{Row(row)} opens a quotation mark that is never closed, so the rest of the file would be one value. Close it, or double it if it is part of the text.", row);

    public static AudienceImport.Refused NotText(FileKind kind) => kind switch
    {
        FileKind.ExcelWorkbook => Binary("excel_workbook", "This is an Excel workbook. Open it and save it as CSV (\"CSV UTF-8\"), then upload that file."),
        FileKind.OpenDocumentSpreadsheet => Binary("opendocument_spreadsheet", "This is an OpenDocument spreadsheet. Open it and save it as CSV, then upload that file."),
        FileKind.Zip => Binary("zip", "This is a zip archive. Unpack it and upload the CSV file in it."),
        FileKind.Gzip => Binary("gzip", "This is a gzip file. Unpack it and upload the CSV file in it."),
        FileKind.Pdf => Binary("pdf", "This is a PDF document. Export the list as CSV and upload that file."),
        FileKind.Binary or FileKind.Text => Binary("binary_file", "This is not a text file. Export the list as CSV and upload that file."),
    };

    private static AudienceImport.Refused Binary(string code, string detail) => One(415, "Not a CSV file", code, detail);

    private static AudienceImport.Refused One(int status, string title, string code, string detail, int? row = null) =>
        new(status, title, detail, [new AudienceProblem(code, detail, row)]);

    private static string Row(int row) => row == 0 ? "The header" : $"Row {row}";
}
