using System.Globalization;

namespace OrleansBsp.Load;

/// <summary>What the command line asks for.</summary>
internal sealed record LoadOptions
{
    public const string Usage = """
        usage: ./bsp bench [scenario ...] [options]
          full-life   messages/s from release to the third receipt, processor time, memory
          pacing      one number at 1,000/s: rate, most in any second, evenness
          slow        the same with slow answers, and one in a hundred that never comes
          webhooks    acknowledgement of signed webhooks at 3,000/s
          single      POST /messages to its arrival at Meta, idle and beside a campaign
          import      a CSV of 1,000,000 rows, then the first message after its launch
          pause       the last arrival after the pause is answered
          all         all of these (default)
          quiet       what 10, 1,000 and 10,000 numbers that hardly send, and 100,000 conversations, cost the silos (some ten minutes; not in all)
          --seconds N         length of what is timed by the clock (default: each scenario's own)
          --messages N        messages of full-life in all, rows of import, conversations of quiet (defaults 60000, 1000000, 100000)
          --numbers N         phone numbers of full-life and webhooks, each at 1,000/s (default 10); of quiet: only with so many, with and without conversations
          --webhook-batch N   status updates in one webhook body of full-life (default: once with 100, once with 1)
          --silos N,N,...     full-life, pacing, slow and quiet: so many processes host the grains, behind one for API and webhooks (default 0: one process is
                              everything; of quiet 3); one column for each
          --silo-cores X      full-life: each silo gets so much of the processors and no more (0.2), so that silos can be compared on a machine of few cores; as root
          --dispatch KIND,... full-life, pacing and slow: how released messages reach who sends them, process or sqs (default process)
          --repeat N          runs of each scenario; the table shows medians (default 1)
          --json FILE         also write everything as JSON
        """;

    public const string InProcess = "process";
    public const string Sqs = "sqs";

    public IReadOnlyList<string> Scenarios { get; private init; } = [];

    public int? Seconds { get; private init; }

    public int? Messages { get; private init; }

    public int? Numbers { get; private init; }

    public int? WebhookBatch { get; private init; }

    /// <summary>How many silos, for each variant; 0: one process is everything.</summary>
    public IReadOnlyList<int> Silos { get; private init; } = [0];

    /// <summary>What each silo gets of the processors at most; null: all that is there.</summary>
    public double? SiloCores { get; private init; }

    /// <summary><see cref="InProcess"/> or <see cref="Sqs"/>, for each variant.</summary>
    public IReadOnlyList<string> Dispatch { get; private init; } = [InProcess];

    public int Repeat { get; private init; } = 1;

    public string? Json { get; private init; }

    /// <exception cref="ArgumentException">The message says what was wrong.</exception>
    public static LoadOptions Parse(string[] args)
    {
        var options = new LoadOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--seconds" => options with { Seconds = Number(args, ref i) },
                "--messages" => options with { Messages = Number(args, ref i) },
                "--numbers" => options with { Numbers = Number(args, ref i) },
                "--webhook-batch" => options with { WebhookBatch = Number(args, ref i) },
                "--silos" => options with { Silos = List(args, ref i, least: 0) },
                "--silo-cores" => options with { SiloCores = Cores(args, ref i) },
                "--dispatch" => options with { Dispatch = Kinds(args, ref i) },
                "--repeat" => options with { Repeat = Number(args, ref i) },
                "--json" => options with { Json = Value(args, ref i) },
                var unknown when unknown.StartsWith('-') => throw new ArgumentException($"There is no option {unknown}."),
                var scenario => options with { Scenarios = [.. options.Scenarios, scenario] },
            };
        }

        return options;
    }

    private static string Value(string[] args, ref int i) =>
        i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");

    private static int Number(string[] args, ref int i) =>
        List(args, ref i, least: 1) is [var number] ? number : throw new ArgumentException($"{args[i - 1]} must be one number, but was '{args[i]}'.");

    private static int[] List(string[] args, ref int i, int least)
    {
        var name = args[i];
        return [.. Value(args, ref i).Split(',').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new ArgumentException($"{name} must be a whole number from {least} on, but was '{text}'."))];
    }

    private static double Cores(string[] args, ref int i)
    {
        var name = args[i];
        var text = Value(args, ref i);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cores) && cores is >= 0.05 and <= 64
            ? cores
            : throw new ArgumentException($"{name} must be a number from 0.05 to 64, but was '{text}'.");
    }

    private static string[] Kinds(string[] args, ref int i)
    {
        var name = args[i];
        return [.. Value(args, ref i).Split(',').Select(kind => kind is InProcess or Sqs ? kind : throw new ArgumentException($"{name} must be {InProcess} or {Sqs}, but was '{kind}'."))];
    }
}
