using System.Diagnostics;
using System.Globalization;

namespace OrleansBsp.Server.Storage;

/// <summary>As whom PostgreSQL runs: as ourselves or, if we are root, which PostgreSQL refuses, as <c>postgres</c> or <c>nobody</c>.</summary>
internal sealed class PostgresUser
{
    private static readonly (int User, int Group) Nobody = (65534, 65534);
    private const string FoldersOfRoot = "/var/lib/orleans-bsp";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly (int User, int Group)? _ids; // null: ourselves

    private PostgresUser((int User, int Group)? ids) => _ids = ids;

    public static PostgresUser Current() => new(Environment.IsPrivilegedProcess ? IdsOf("postgres") ?? Nobody : null);

    /// <summary>What a command line begins with, to run as this user.</summary>
    public string[] CommandPrefix => _ids is var (user, group) ? ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups"] : [];

    /// <summary>
    /// The same for a command under a shell of ours: the kernel ends it (INT) when the shell dies. Not for what we start
    /// ourselves: the kernel takes the starting thread for the parent, and threads of the pool come and go.
    /// </summary>
    public string[] PrefixUnderShell => ["setpriv", .. CommandPrefix.Skip(1), "--pdeathsig=INT"];

    /// <summary>Makes <paramref name="folder"/> if needed, for this user alone.</summary>
    /// <returns>
    /// The folder to use. Where this user cannot come in, as under /root, it is one under /var/lib/orleans-bsp, and
    /// <paramref name="folder"/> is a link to it.
    /// </returns>
    public string MakeFolder(string folder)
    {
        var here = new DirectoryInfo(folder);
        if (here.LinkTarget is not null && here.ResolveLinkTarget(returnFinalTarget: true) is { } target)
        {
            if (target.Exists) return target.FullName;
            here.Delete(); // the link only; what it led to has been removed, so begin anew
        }

        var isNew = !here.Exists;
        Directory.CreateDirectory(folder, OwnerOnly);
        if (_ids is null) return folder;
        Own(folder);
        if (CanEnter(folder)) return folder;
        if (!isNew && here.EnumerateFileSystemInfos().Any())
            throw new InvalidOperationException($"PostgreSQL runs as another user than root, who cannot reach {folder}: open its parents (chmod o+x) or choose another folder.");

        Directory.CreateDirectory(FoldersOfRoot);
        var reachable = Path.Combine(FoldersOfRoot, $"data-{Guid.NewGuid():N}");
        Directory.CreateDirectory(reachable, OwnerOnly);
        Own(reachable);
        Directory.Delete(folder);
        Directory.CreateSymbolicLink(folder, reachable);
        return reachable;
    }

    /// <summary>Gives the folder with all that is in it to this user.</summary>
    public void Own(string folder)
    {
        if (_ids is var (user, group)) Run("chown", "-R", $"{user}:{group}", folder);
    }

    private bool CanEnter(string folder) => Run([.. CommandPrefix, "test", "-x", folder]) == 0;

    private static int Run(params string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static (int User, int Group)? IdsOf(string name) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name) is { } fields
            ? (int.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture))
            : null;
}
