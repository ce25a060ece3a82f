using Microsoft.Net.Http.Headers;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>Which content types are taken. A charset parameter is not believed: clients set it without looking, the bytes decide.</summary>
public static class AudienceContentType
{
    /// <returns>Null if the type is right.</returns>
    public static AudienceImport.Refused? Check(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed)) return AudienceRefusals.ContentType(contentType, "Send the file as the request's body.");
        return parsed.MediaType.Value?.ToLowerInvariant() switch
        {
            "text/csv" or "application/csv" or "text/tab-separated-values" => null,
            "multipart/form-data" => AudienceRefusals.ContentType("multipart/form-data", "Send the file itself as the request's body, not a form."),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" or "application/vnd.ms-excel" =>
                AudienceRefusals.ContentType(parsed.MediaType.Value, "Save the workbook as CSV and upload that file."),
            _ => AudienceRefusals.ContentType(parsed.MediaType.Value, "Send the file as the request's body."),
        };
    }
}
