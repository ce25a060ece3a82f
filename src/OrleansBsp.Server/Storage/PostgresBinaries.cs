using System.Diagnostics;
using System.Globalization;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Storage;

/// <summary>Where PostgreSQL's programs are, and how to run them.</summary>
internal sealed class PostgresBinaries
{
    private const int OldestVersion = 15;

    private readonly string _folder;
    private readonly PostgresUser _user;

    private PostgresBinaries(string folder, PostgresUser user) => (_folder, _user) = (folder, user);

    /// <param name="dataVersion">Major version that the data was made with; null if there is none yet. No other version can open it.</param>
    /// <exception cref="SettingsException">None found; the message says what to install.</exception>
    public static PostgresBinaries Find(PostgresUser user, string? dataVersion)
    {
        var found = Candidates()
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
            .Select(folder => new PostgresBinaries(folder, user))
            .ToList();
        if (found.Count == 0)
            throw new SettingsException(
                $"No PostgreSQL found. Start with ./bsp, which brings one; or install the package 'postgresql' ({OldestVersion} or later); " +
                "or set ConnectionStrings__Postgres to a server that you run.");
        if (dataVersion is null) return found[0];
        return found.FirstOrDefault(binaries => binaries.MajorVersion() == dataVersion)
            ?? throw new SettingsException(
                $"The data was made by PostgreSQL {dataVersion}, and only another version is here ({string.Join(", ", found.Select(binaries => binaries._folder))}). " +
                $"Install the package 'postgresql-{dataVersion}', or start on a new data folder.");
    }

    /// <summary>The command line that runs <paramref name="arguments"/>, whose first is a program of PostgreSQL, under a shell of ours.</summary>
    public IEnumerable<string> CommandUnderShell(IReadOnlyList<string> arguments) => Command(_user.PrefixUnderShell, arguments);

    public void Apply(ProcessStartInfo start)
    {
        // The npm package brings its own libraries beside its programs.
        var libraries = Path.Combine(Path.GetDirectoryName(_folder)!, "lib");
        if (!_folder.StartsWith("/usr/", StringComparison.Ordinal) && Directory.Exists(libraries)) start.Environment["LD_LIBRARY_PATH"] = libraries;
        start.Environment["LC_ALL"] = "C";
        start.WorkingDirectory = "/";
    }

    public async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var command = Command(_user.CommandPrefix, arguments).ToList();
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true };
        Apply(start);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = await process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{arguments[0]} failed with exit code {process.ExitCode}: {errors.Trim()} {(await output).Trim()}");
    }

    private IEnumerable<string> Command(string[] prefix, IReadOnlyList<string> arguments) =>
        [.. prefix, Path.Combine(_folder, arguments[0]), .. arguments.Skip(1)];

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("BSP_POSTGRES_BIN") is { Length: > 0 } named) yield return Path.GetFullPath(named);
        if (!Directory.Exists("/usr/lib/postgresql")) yield break;
        foreach (var version in Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(VersionOf))
            if (VersionOf(version) >= OldestVersion) yield return Path.Combine(version, "bin");
    }

    private static int VersionOf(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)" is 15; a beta says 19beta1.
    private string MajorVersion()
    {
        var start = new ProcessStartInfo(Path.Combine(_folder, "postgres"), ["--version"]) { RedirectStandardOutput = true };
        Apply(start);
        using var process = Process.Start(start)!;
        var words = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return words.Length > 2 ? string.Concat(words[2].TakeWhile(char.IsAsciiDigit)) : "";
    }
}
