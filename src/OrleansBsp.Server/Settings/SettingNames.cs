namespace OrleansBsp.Server.Settings;

internal static class SettingNames
{
    /// <summary>A path of the configuration (<c>Queue:Kind</c>) as the name of the environment variable, which is how operators and the documents write it.</summary>
    public static string OfVariable(string path) => path.Replace(":", "__", StringComparison.Ordinal);
}
