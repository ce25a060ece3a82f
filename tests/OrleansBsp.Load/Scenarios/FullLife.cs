using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansBsp.Load.Processes;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>
/// Campaigns on as many numbers as it takes for no number's pace to be the limit. The clock runs from the launch to the moment when all
/// books say that everybody has read: release, send, outcome and three signed receipts of every message, all committed.
/// </summary>
/// <param name="messages">In all, spread over the numbers.</param>
/// <param name="webhookBatch">Status updates that the simulator puts into one body.</param>
internal sealed class FullLife(int numbers, int messages, int webhookBatch) : IScenario
{
    public string Name => $"full life, {(webhookBatch == 1 ? "1 status" : $"up to {webhookBatch} statuses")} per webhook";

    public int Numbers => numbers;

    public async Task<RunResult> RunAsync(LoadRig rig, CancellationToken cancel)
    {
        await rig.Simulator.PostAsync("webhooks", new { maxUpdates = webhookBatch }, cancel);
        await Campaigns.WarmUpAsync(rig, numbers, 20_000 / numbers, cancel);
        var campaigns = await Campaigns.PrepareAsync(rig, numbers, messages / numbers, cancel);
        var planned = messages / numbers * numbers;

        Console.Error.WriteLine("  measuring");
        ProcessMemory.ResetPeak(rig.ServerId);
        var cpu = new CpuMeter(rig.Parties);
        List<double> memory = [];
        var clock = Stopwatch.StartNew();
        await Campaigns.LaunchAsync(rig, campaigns, cancel);
        await Campaigns.WaitAsync(rig, campaigns, books => books.Read == planned, _ => memory.Add(ProcessMemory.ResidentMb(rig.ServerId)), cancel);
        var seconds = clock.Elapsed.TotalSeconds;
        var used = cpu.Stop();

        memory.Sort();
        List<Figure> figures =
        [
            new("full life", planned / seconds, "messages/s", "6,000"),
            new("sending phase", await SendingRateAsync(rig, cancel), "messages/s"),
            .. used.Select(party => new Figure($"CPU of {party.Name}", party.Seconds / planned * 1000, "s per 1,000 messages")),
            new("CPU of all", used.Sum(party => party.Seconds) / planned * 1000, "s per 1,000 messages"),
            new("cores busy with all of it", used.Sum(party => party.Seconds) / seconds, "cores"),
            new("server memory, peak", ProcessMemory.PeakMb(rig.ServerId), "MiB", "< 300"),
            new("server memory, median", memory[memory.Count / 2], "MiB"),
        ];
        return new RunResult(figures, await CheckAsync(rig, campaigns, planned, cancel));
    }

    private static async Task<double> SendingRateAsync(LoadRig rig, CancellationToken cancel)
    {
        var instants = (await rig.Simulator.ArrivalsAsync(cancel)).Select(arrival => arrival.ArrivalUnixMicros).ToList();
        return instants.Count / ((instants.Max() - instants.Min()) / 1e6);
    }

    /// <summary>The product's books against Meta's ledger.</summary>
    private static async Task<IReadOnlyList<Check>> CheckAsync(LoadRig rig, long[] campaigns, int planned, CancellationToken cancel)
    {
        await rig.Simulator.WaitIdleAsync(TimeSpan.FromSeconds(10), cancel);
        var ledger = await rig.Simulator.SummaryAsync(cancel);
        var books = await rig.Books.ReadAsync(campaigns, cancel);
        int accepted = (int)ledger["accepted"]!, read = (int)ledger["states"]!["read"]!, twice = (int)ledger["duplicateRecipients"]!;
        var refused = ledger["refusedByCode"] is JsonObject codes ? codes.Sum(code => (long)code.Value!) : 0;
        return
        [
            new("books equal ledger", books.Read == planned && accepted == planned && read == planned, $"planned {planned}, read {books.Read}; ledger: accepted {accepted}, read {read}"),
            new("nobody twice", twice == 0, $"{twice} recipients"),
            new("Meta refused nothing", refused == 0, $"{refused} refused: {ledger["refusedByCode"]?.ToJsonString()}"),
        ];
    }
}
