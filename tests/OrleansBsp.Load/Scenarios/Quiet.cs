using System.Diagnostics;
using OrleansBsp.Load.Processes;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>
/// What an installation costs while hardly anything is sent: ten numbers send a message a second each, the others rest. First with their grains asleep, as after
/// a night; then after somebody has written to every number, so that all their grains are in memory, and with as many conversations as there are to be. All of it by real webhooks.
/// </summary>
/// <param name="conversations">People who have just written, spread over all numbers; 0: one to each number.</param>
internal sealed class Quiet(RigPlan plan, int conversations, int seconds) : IScenario
{
    private const int Sending = 10;
    private const int BodySize = 50;
    private const int BodiesAtOnce = 8;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(10);

    /// <summary>What is shown beside each other.</summary>
    public static readonly (int Numbers, bool WithConversations)[] Sizes = [(10, false), (1000, false), (10_000, false), (10_000, true)];

    public string Name => $"quiet, {Sending} numbers send 1 message/s each";

    public string Variant => $"{plan.Silos} silos, {plan.Numbers:N0} numbers{(conversations > 0 ? $", {conversations:N0} conversations" : "")}";

    public RigPlan Plan => plan;

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        await Campaigns.WarmUpAsync(rig, Sending, 1000, cancel);
        var campaigns = await Campaigns.PrepareAsync(rig, Sending, 3600, cancel, maxPerSecond: 1);
        await Campaigns.LaunchAsync(rig, campaigns, cancel);
        var figures = new List<Figure>();
        figures.AddRange(await MeasureAsync(rig, "asleep", cancel));

        var clock = Stopwatch.StartNew();
        var written = conversations > 0 ? conversations : plan.Numbers;
        await WriteAsync(rig, written, cancel);
        var took = clock.Elapsed.TotalSeconds;
        var awake = await rig.Api.ActivationsAsync(cancel);
        figures.AddRange(await MeasureAsync(rig, "awake", cancel));
        figures.AddRange(
        [
            new("messages from people, taken and applied", written / took, "messages/s"),
            new("then numbers in memory", awake.GetValueOrDefault("phoneNumbers"), "grains"),
            new("then conversations in memory", awake.GetValueOrDefault("conversations"), "grains"),
            .. await LookAsync(rig.Api, "/api/v1/cluster", cancel),
            .. await LookAsync(rig.Api, "/api/v1/cluster/grains?limit=200", cancel),
            .. await LookAsync(rig.Api, "/api/v1/phone-numbers?limit=100", cancel),
            .. await LookAsync(rig.SiloApi, "/metrics", cancel),
        ]);
        var metrics = (await rig.SiloApi.LookAsync("/metrics", cancel)).Text.Split('\n');
        figures.Add(new("series of a silo", metrics.Count(line => line.Length > 0 && line[0] != '#'), "series"));
        figures.Add(new("of them with a number", metrics.Count(line => line.Contains("number=\"", StringComparison.Ordinal)), "series"));
        var made = await rig.Books.ConversationsAsync(cancel);
        return new RunResult(figures, [new("everybody who has written has a conversation", made == written, $"{made} of {written}")]);
    }

    private async Task<List<Figure>> MeasureAsync(LoadRig rig, string state, CancellationToken cancel)
    {
        await Task.Delay(Settling, cancel);
        Console.Error.WriteLine($"  measuring, {state}");
        var cpu = new CpuMeter(rig.Parties);
        var memory = new MemoryMeter(rig.GrainHosts);
        var meter = await rig.MeterDatabaseAsync(cancel);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            memory.Sample();
            rig.ThrowIfEnded();
        }

        var took = clock.Elapsed.TotalSeconds;
        var database = await meter.StopAsync(cancel);
        var used = cpu.Stop().ToDictionary(party => party.Name, party => party.Seconds / took);
        return
        [
            new($"{state}: CPU of the silos", used["silos"], "cores"),
            new($"{state}: CPU of PostgreSQL", used["PostgreSQL"], "cores"),
            new($"{state}: memory of a silo, median", memory.MedianMb, "MiB"),
            new($"{state}: transactions that write", database.Writes / took, "/s"),
            new($"{state}: write-ahead log", database.WalBytes / took / 1024, "KiB/s"),
            new($"{state}: rows read or written", database.Rows / took, "/s"),
            new($"{state}: pages looked at", database.Pages / took, "/s"),
            new($"{state}: statements", database.Calls / took, "/s"),
            .. StatementKinds.All.Select(kind => new Figure($"{state}: statements, {kind}", database.Statements.GetValueOrDefault(kind)?.Calls / took ?? 0, "/s")),
            .. StatementKinds.All.Select(kind => new Figure($"{state}: pages, {kind}", database.Statements.GetValueOrDefault(kind)?.Pages / took ?? 0, "/s")),
        ];
    }

    private async Task WriteAsync(LoadRig rig, int count, CancellationToken cancel)
    {
        using var door = new WebhookDoor(rig.WebhookUrl, LoadRig.AppSecret);
        var bodies = Enumerable.Range(0, count).Select(i => (Number: World.NumberId(i % plan.Numbers), From: rig.Recipients.Next()[1..])).Chunk(BodySize);
        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = BodiesAtOnce, CancellationToken = cancel }, async (body, stop) =>
        {
            while (await rig.Books.InboxWaitingAsync(stop) > 4 * BodiesAtOnce) await Task.Delay(50, stop);
            await door.PostInboundAsync(body, stop);
        });
        if (door.Refused > 0) throw new InvalidOperationException($"{door.Refused} webhooks were refused.");
        var heads = await rig.Books.InboxHeadsAsync(cancel);
        for (var clock = Stopwatch.StartNew(); !await rig.Books.IsAppliedAsync(heads, cancel); await Task.Delay(50, cancel))
            if (clock.Elapsed > DrainLimit) throw new TimeoutException($"Webhooks are not applied within {DrainLimit.TotalMinutes:0} minutes.");
    }

    private static async Task<IEnumerable<Figure>> LookAsync(BspApi api, string path, CancellationToken cancel)
    {
        List<(double Milliseconds, string Text)> looks = [];
        for (var i = 0; i < 5; i++) looks.Add(await api.LookAsync(path, cancel));
        return
        [
            new($"GET {path}, median", new Spread(looks.Select(look => look.Milliseconds)).At(0.5), "ms"),
            new($"GET {path}, slowest of 5", looks.Max(look => look.Milliseconds), "ms"),
            new($"GET {path}, answer", looks[^1].Text.Length / 1024.0, "KiB"),
        ];
    }
}
