namespace OrleansBsp.Load.Scenarios;

/// <summary>The scenarios by the names of the command line.</summary>
internal static class Catalogue
{
    private static readonly string[] All = ["full-life", "pacing", "slow", "webhooks", "single", "import", "pause"];

    /// <exception cref="ArgumentException">An unknown name.</exception>
    public static IReadOnlyList<IScenario> Of(LoadOptions options)
    {
        IEnumerable<string> names = options.Scenarios.Count == 0 || options.Scenarios.Contains("all") ? All : options.Scenarios;
        return [.. names.SelectMany(name => Named(name, options))];
    }

    private static IEnumerable<IScenario> Named(string name, LoadOptions options) => name switch
    {
        "full-life" => (options.WebhookBatch is { } one ? [one] : (int[])[100, 1]).Select(batch => new FullLife(options.Numbers, options.Messages ?? 60_000, batch)),
        "pacing" => [new Pacing(options.Seconds ?? 20, slow: false)],
        "slow" => [new Pacing(options.Seconds ?? 20, slow: true)],
        "webhooks" => [new Webhooks(options.Numbers, options.Seconds ?? 10)],
        "single" => [new SingleSends(options.Seconds ?? 20)],
        "import" => [new Import(options.Messages ?? 1_000_000)],
        "pause" => [new Pause()],
        _ => throw new ArgumentException($"There is no scenario '{name}'. Known: {string.Join(", ", All)}, all."),
    };
}
