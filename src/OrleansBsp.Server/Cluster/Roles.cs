using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Cluster;

/// <summary>What a process does (setting <c>Roles</c>, separated by commas; default all). Without <see cref="Dispatch"/> it is a client of the silos.</summary>
[Flags]
public enum Roles
{
    /// <summary>The HTTP interface and the dashboard.</summary>
    Api = 1,

    /// <summary>The front door for Meta's webhooks.</summary>
    Webhooks = 2,

    /// <summary>Hosts grains: it is a silo. Campaigns are sent and webhooks applied here.</summary>
    Dispatch = 4,

    /// <summary>Synchronises with CRMs.</summary>
    Connectors = 8,

    /// <summary>One process for everything.</summary>
    All = Api | Webhooks | Dispatch | Connectors,
}

internal static class RolesSetting
{
    /// <exception cref="SettingsException">There is no such role.</exception>
    public static Roles Read(IConfiguration configuration)
    {
        var names = (configuration["Roles"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length == 0 ? Roles.All : names.Aggregate((Roles)0, (roles, name) => roles | One(name));
    }

    public static string[] Names(this Roles roles) =>
        [.. Enum.GetValues<Roles>().Where(role => role != Roles.All && roles.HasFlag(role)).Select(Name)];

    private static Roles One(string name) => Enum.GetValues<Roles>().Where(role => role != Roles.All && Name(role) == name.ToLowerInvariant()) is var found && found.Any()
        ? found.First()
        : throw new SettingsException($"Roles: there is no role '{name}'. There are {string.Join(", ", Roles.All.Names())}; leave Roles out for all of them.");

    private static string Name(Roles role) => role.ToString().ToLowerInvariant();
}
