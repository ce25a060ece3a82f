using System.Globalization;
using OrleansBsp.Chaos.Plans;

namespace OrleansBsp.Chaos;

/// <summary>What the command line asks for.</summary>
internal sealed record ChaosOptions
{
    public const string Usage = """
        usage: ./bsp chaos [options]
          --minutes N        begins no further round after this time (default 5)
          --seed S           a whole number; which faults happen, and how, follows from it alone (default: a new one each time, printed)
          --silos N          processes that host grains, 2 to 9 (default 3)
          --dispatch KIND    how released messages travel: memory, sqs (webhooks then too), or both, half of the time each (default both)
          --only NAME,NAME   only these faults
          --report FILE      where the report goes (default TestResults/chaos/report.md)
          --plan             only prints the first rounds
        """;

    public int Minutes { get; private init; } = 5;

    public int Seed { get; private init; } = Random.Shared.Next(1_000_000);

    public int Silos { get; private init; } = 3;

    public IReadOnlyList<Dispatch> Dispatches { get; private init; } = [Dispatch.Memory, Dispatch.Sqs];

    /// <summary>Names of faults; empty means all.</summary>
    public IReadOnlyList<string> Only { get; private init; } = [];

    public string Report { get; private init; } = "TestResults/chaos/report.md";

    public bool PlanOnly { get; private init; }

    /// <exception cref="ArgumentException">The message says what was wrong.</exception>
    public static ChaosOptions Parse(string[] args)
    {
        var options = new ChaosOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--minutes" => options with { Minutes = Number(args, ref i, 1, 24 * 60) },
                "--seed" => options with { Seed = Number(args, ref i, 0, int.MaxValue) },
                "--silos" => options with { Silos = Number(args, ref i, 2, 9) },
                "--dispatch" => options with { Dispatches = DispatchOf(Value(args, ref i)) },
                "--only" => options with { Only = FaultsOf(Value(args, ref i)) },
                "--report" => options with { Report = Value(args, ref i) },
                "--plan" => options with { PlanOnly = true },
                var unknown => throw new ArgumentException($"There is no option {unknown}."),
            };
        }

        foreach (var dispatch in options.Dispatches)
            if (!Deck.Of(dispatch, options.Only).Any()) throw new ArgumentException($"None of the faults {string.Join(", ", options.Only)} happens with --dispatch {dispatch.ToString().ToLowerInvariant()}.");
        return options;
    }

    private static Dispatch[] DispatchOf(string name) => name switch
    {
        "memory" => [Dispatch.Memory],
        "sqs" => [Dispatch.Sqs],
        "both" => [Dispatch.Memory, Dispatch.Sqs],
        _ => throw new ArgumentException($"--dispatch must be memory, sqs or both, but was '{name}'."),
    };

    private static string[] FaultsOf(string names)
    {
        var only = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return only.FirstOrDefault(name => !Deck.Names.Contains(name)) is { } unknown
            ? throw new ArgumentException($"There is no fault {unknown}. There are {string.Join(", ", Deck.Names)}.")
            : only;
    }

    private static string Value(string[] args, ref int i) =>
        i + 1 < args.Length && !args[i + 1].StartsWith('-') ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");

    private static int Number(string[] args, ref int i, int least, int most)
    {
        var name = args[i];
        return int.TryParse(Value(args, ref i), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{name} must be a whole number from {least} to {most}, but was '{args[i]}'.");
    }
}
