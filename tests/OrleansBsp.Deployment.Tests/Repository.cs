namespace OrleansBsp.Deployment.Tests;

/// <summary>The folder of the clone, found from where the tests are built.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));
}
