namespace OrleansBsp.Server.Hosting;

/// <summary>What the program can be told to do instead of serving, as its only argument. Settings (<c>--Section:Name value</c>) are not commands.</summary>
internal static class Command
{
    /// <summary>Brings the database to the schema of this version, makes the first credentials, and exits with 0.</summary>
    public const string Migrate = "migrate";

    /// <summary>Asks the server of this container whether it is ready; exits with 0 or 1. Images without a shell have nothing else to ask with.</summary>
    public const string Health = "health";

    /// <summary>What <see cref="AsksForHelp"/> is answered with.</summary>
    public static string Help { get; } = $"""
        OrleansBsp.Server            serves, as the settings say
        OrleansBsp.Server {Migrate}    brings the database to the schema of this version, makes the first login, and ends
        OrleansBsp.Server {Health}     asks the server at BSP_URL whether it is ready: exit code 0 or 1

        Settings are environment variables (Queue__Kind=Sqs) or arguments (--Queue:Kind Sqs): README.md, docs/operations.md.
        """;

    public static bool AsksForHelp(string[] args) => args is ["--help" or "-h" or "help"];

    /// <returns>Why the arguments are refused; otherwise a slip in a job's command would start a server that never ends.</returns>
    public static string? UnknownOrNull(string[] args) => args is [var word, ..] && !word.StartsWith('-') && !word.StartsWith('/') && !word.Contains('=') && args is not [Migrate or Health]
        ? $"Unknown arguments: {string.Join(' ', args)}. Known are '{Migrate}', '{Health}' and '--help'; without a command the server starts."
        : null;
}
