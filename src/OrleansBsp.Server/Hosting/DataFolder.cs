using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Hosting;

/// <summary>The folder of what this installation keeps outside the database (<c>BSP_DATA</c>, default <c>.data</c>): keys, credentials, the embedded PostgreSQL.</summary>
internal static class DataFolder
{
    /// <exception cref="SettingsException">There is no such folder, and it cannot be made.</exception>
    public static string Open(IConfiguration configuration)
    {
        var folder = Path.GetFullPath(configuration["BSP_DATA"] is { Length: > 0 } given ? given : ".data");
        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"BSP_DATA={folder}: the data folder cannot be made: {failure.Message} Choose one that the user of this process may write to.", failure);
        }
    }
}
