using System.Diagnostics;

namespace OrleansBsp.Testing;

/// <summary>The checkout that this was built in, and the tools that its tests install.</summary>
public static class Repository
{
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    /// <summary>Runs <c>tools/name/install</c>, which leaves the tool in <c>.tools/name</c>, once.</summary>
    public static async Task InstallAsync(string tool)
    {
        using var install = Process.Start(new ProcessStartInfo(Path.Combine(Folder, "tools", tool, "install")) { RedirectStandardError = true })!;
        var errors = await install.StandardError.ReadToEndAsync();
        await install.WaitForExitAsync();
        if (install.ExitCode != 0) throw new InvalidOperationException($"tools/{tool}/install failed: {errors}");
    }
}
