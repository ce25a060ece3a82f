namespace OrleansBsp.Server.Hosting;

/// <summary>The folder of what this installation keeps outside the database (<c>BSP_DATA</c>, default <c>.data</c>): keys, credentials, the embedded PostgreSQL.</summary>
internal static class DataFolder
{
    public static string Open(IConfiguration configuration)
    {
        var folder = Path.GetFullPath(configuration["BSP_DATA"] is { Length: > 0 } given ? given : ".data");
        Directory.CreateDirectory(folder);
        return folder;
    }
}
