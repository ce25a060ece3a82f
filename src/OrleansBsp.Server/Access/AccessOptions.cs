namespace OrleansBsp.Server.Access;

/// <summary>Section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>
    /// File with the first administrator and API key (<c>adminEmail</c>, <c>adminPassword</c>, <c>apiKey</c>), made as long as there is no user; only read.
    /// Empty (default): they are made up and left in the data folder as <c>credentials.json</c>, which is right for one process only.
    /// </summary>
    public string CredentialsFile { get; set; } = "";
}
