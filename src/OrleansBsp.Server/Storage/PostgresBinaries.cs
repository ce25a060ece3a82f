using System.Diagnostics;

namespace OrleansBsp.Server.Storage;

/// <summary>Where PostgreSQL's programs are, and as whom they run.</summary>
internal sealed class PostgresBinaries
{
    private readonly string _folder;
    private readonly int? _stepDownTo; // user id to run as, when we are root

    private PostgresBinaries(string folder, int? stepDownTo) => (_folder, _stepDownTo) = (folder, stepDownTo);

    /// <exception cref="InvalidOperationException">None found; the message says what to install.</exception>
    public static PostgresBinaries Find()
    {
        var candidates = new[] { Environment.GetEnvironmentVariable("BSP_POSTGRES_BIN") ?? "" }
            .Concat(Directory.Exists("/usr/lib/postgresql")
                ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(VersionOf).Select(version => Path.Combine(version, "bin"))
                : []);
        var folder = candidates.FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, "initdb")) && File.Exists(Path.Combine(candidate, "postgres")))
            ?? throw new InvalidOperationException(
                "No PostgreSQL found. Start with ./bsp, which brings one; or install the package 'postgresql' (15 or later); " +
                "or set ConnectionStrings__Postgres to a server that you run.");
        return new PostgresBinaries(folder, Environment.UserName == "root" ? UserId("postgres") ?? 65534 : null);
    }

    /// <summary>The command line that runs <paramref name="arguments"/>, whose first is a program of PostgreSQL.</summary>
    public IEnumerable<string> Command(IReadOnlyList<string> arguments)
    {
        if (_stepDownTo is { } user)
            foreach (var part in (string[])["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups"]) yield return part;
        yield return Path.Combine(_folder, arguments[0]);
        foreach (var argument in arguments.Skip(1)) yield return argument;
    }

    public void Apply(ProcessStartInfo start)
    {
        // The npm package brings its own libraries beside its programs.
        var libraries = Path.Combine(Path.GetDirectoryName(_folder)!, "lib");
        if (!_folder.StartsWith("/usr/", StringComparison.Ordinal) && Directory.Exists(libraries)) start.Environment["LD_LIBRARY_PATH"] = libraries;
        start.Environment["LC_ALL"] = "C";
        start.WorkingDirectory = "/";
    }

    /// <summary>Makes the folder the server user's own, and lets that user reach it.</summary>
    public void GiveTo(string folder)
    {
        if (_stepDownTo is not { } user) return;
        Process.Start("chown", ["-R", $"{user}:{user}", folder]).WaitForExit();
        Process.Start("chmod", ["700", folder]).WaitForExit();
    }

    public async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var command = Command(arguments).ToList();
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true };
        Apply(start);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = await process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{arguments[0]} failed with exit code {process.ExitCode}: {errors.Trim()} {(await output).Trim()}");
    }

    private static int VersionOf(string folder) => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0;

    private static int? UserId(string name) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name) is { } fields
            ? int.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture)
            : null;
}
