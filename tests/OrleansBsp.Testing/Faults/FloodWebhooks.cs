using System.Text;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Ledgers;
using Xunit.Sdk;

namespace OrleansBsp.Testing.Faults;

/// <summary>Meta repeats what it has said, one status in a request, thousands in a second, while a silo is killed. None of it may change anything, and each must be answered.</summary>
public sealed record FloodWebhooks(int PerSecond, int Seconds, int Silo) : Fault
{
    private const int MostAtOnce = 400;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>A front that is slower than the flood slows it down: so much of it must come all the same. Through SQS it was a half on a busy machine with two cores.</summary>
    public double LeastShare { get; init; } = 0.25;

    public override string What => $"{PerSecond} repeated webhooks a second for {Seconds} s; silo {Silo} killed meanwhile";

    public override bool LeavesOthers => true;

    public override int Deaths => 1;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var flood = FloodAsync(stage, tell, stop);
        await LetActAsync(Seconds / 3, stop);
        await stage.Silos[Silo].KillAsync();
        await flood;
        await stage.Silos[Silo].StartAgainAsync();
    }

    private async Task FloodAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var said = await Wait.UntilAsync(() => Task.FromResult(Said(stage.Meta.Ledger)), bodies => bodies.Length > 200, "Meta has told of some messages");
        using var free = new SemaphoreSlim(MostAtOnce);
        var (began, sent, answers) = (DateTime.UtcNow, 0, new List<Task<int>>());
        for (TimeSpan at; (at = DateTime.UtcNow - began).TotalSeconds < Seconds; await Task.Delay(Tick, stop))
        {
            for (; sent < at.TotalSeconds * PerSecond; sent++)
            {
                await free.WaitAsync(stop);
                answers.Add(PostAsync(stage, said[sent % said.Length], free));
            }
        }

        var byStatus = (await Task.WhenAll(answers)).CountBy(status => status).OrderBy(same => same.Key).ToList();
        var reached = sent / (DateTime.UtcNow - began).TotalSeconds;
        tell($"{reached:0}/s, answered {string.Join(", ", byStatus.Select(same => $"{same.Key}: {same.Value}"))}");
        if (reached < LeastShare * PerSecond) throw new XunitException($"Only {reached:0} webhooks a second were answered instead of {PerSecond}: it was no flood.");
        // 503 says honestly that it was not taken; Meta would send it again.
        if (byStatus.Single(same => same.Key == 200).Value < sent / 2) throw new XunitException($"Most webhooks were not taken: {string.Join(", ", byStatus)}.");
        if (byStatus.Any(same => same.Key is not (200 or 503))) throw new XunitException($"Webhooks were not answered, or not with 200 or 503: {string.Join(", ", byStatus)}.");
    }

    private static async Task<int> PostAsync(Stage stage, byte[] body, SemaphoreSlim free)
    {
        try
        {
            return await stage.Meta.SendRawWebhook(body);
        }
        finally
        {
            free.Release();
        }
    }

    // "Sent" of messages that are sent or further: what was said before, so that it is true.
    private static byte[][] Said(Ledger ledger) =>
    [
        .. ledger.Read(new LedgerFilter(FromOrdinal: Math.Max(0, ledger.Count - 5000))).Where(record => record.State is MessageState.Sent or MessageState.Delivered or MessageState.Read).Select(Body),
    ];

    private static byte[] Body(LedgerRecord message) => Encoding.UTF8.GetBytes($$"""
        {"object":"whatsapp_business_account","entry":[{"id":"{{DefaultWorld.WabaId}}","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"61255500099","phone_number_id":"{{message.PhoneNumberId}}"},"statuses":[{"id":"{{message.Wamid}}","status":"sent","timestamp":"{{message.ArrivalUnixMicros / 1_000_000}}","recipient_id":"{{message.To}}","biz_opaque_callback_data":"{{message.Token}}"}]},"field":"messages"}]}]}
        """);
}
