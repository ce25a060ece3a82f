using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>The scenarios by the names of the command line.</summary>
internal static class Catalogue
{
    private const int Ordinary = 10;

    private static readonly string[] All = ["full-life", "pacing", "slow", "webhooks", "single", "import", "pause", "quiet"];

    /// <exception cref="ArgumentException">An unknown name.</exception>
    public static IReadOnlyList<IScenario> Of(LoadOptions options)
    {
        IEnumerable<string> names = options.Scenarios.Count == 0 || options.Scenarios.Contains("all") ? All[..^1] : options.Scenarios;
        return [.. names.SelectMany(name => Named(name, options))];
    }

    // Those that run on several silos or by SQS, once for each number of silos.
    private static IEnumerable<RigPlan> Plans(LoadOptions options, int numbers)
    {
        var closely = options.Silos.Count > 1 || options.Silos[0] > 0 || options.Dispatch.Count > 1 || options.Dispatch[0] == LoadOptions.Sqs;
        return from dispatch in options.Dispatch from silos in options.Silos select new RigPlan(numbers, silos, options.SiloCores, dispatch == LoadOptions.Sqs, closely);
    }

    private static IEnumerable<IScenario> Named(string name, LoadOptions options) => name switch
    {
        "full-life" => (options.WebhookBatch is { } one ? [one] : (int[])[100, 1])
            .SelectMany(batch => Plans(options, options.Numbers ?? Ordinary).Select(plan => new FullLife(plan, options.Messages ?? 60_000, batch))),
        "pacing" => Plans(options, numbers: 1).Select(plan => new Pacing(plan, options.Seconds ?? 20, slow: false)),
        "slow" => Plans(options, numbers: 1).Select(plan => new Pacing(plan, options.Seconds ?? 20, slow: true)),
        "webhooks" => [new Webhooks(options.Numbers ?? Ordinary, options.Seconds ?? 10)],
        "single" => [new SingleSends(options.Seconds ?? 20)],
        "import" => [new Import(options.Messages ?? 1_000_000)],
        "pause" => [new Pause()],
        "quiet" => from silos in options.Silos is [0] ? [3] : options.Silos
                   from size in options.Numbers is { } numbers ? [(numbers, false), (numbers, true)] : Quiet.Sizes
                   let plan = new RigPlan(size.Numbers, silos, CountsStatements: true, KeepsConversations: size.WithConversations)
                   select new Quiet(plan, size.WithConversations ? options.Messages ?? 100_000 : 0, options.Seconds ?? 20),
        _ => throw new ArgumentException($"There is no scenario '{name}'. Known: {string.Join(", ", All)}, all."),
    };
}
