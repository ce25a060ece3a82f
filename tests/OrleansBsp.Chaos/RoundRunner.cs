using Npgsql;
using OrleansBsp.Chaos.Plans;
using OrleansBsp.Core.Messages;
using OrleansBsp.Testing;

namespace OrleansBsp.Chaos;

/// <summary>One round: campaigns run, faults strike, and in the end every message is accounted for.</summary>
internal sealed class RoundRunner(Stage stage, Dispatch dispatch, Action<string> tell)
{
    // To go on at all; how soon each campaign went on is looked at in the end.
    private const int ProofOfLife = 50;
    private static readonly TimeSpan LifeLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan CompletionLimit = TimeSpan.FromMinutes(4);

    public async Task<RoundResult> RunAsync(Round round, CancellationToken stop)
    {
        stage.Meta.Reset(); // everything before it has been counted
        var broken = new List<string>();
        var strikes = new List<Strike>();
        var stream = new CampaignStream(stage, round.Number, stop);
        var correspondence = new Correspondence(stage, round.Number, stop);
        using var enough = new CancellationTokenSource();
        var running = Task.WhenAll(stream.RunAsync(enough.Token), correspondence.RunAsync(enough.Token));
        try
        {
            await FlowsAsync("before the first fault", stop);
            foreach (var step in round.Steps)
            {
                await Task.Delay(step.After, stop);
                strikes.Add(await StrikeAsync(step, broken, stop));
                if (broken.Count > 0) break;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            broken.Add(failure.Message);
        }
        finally
        {
            await enough.CancelAsync();
            await running.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        if (running.Exception is { InnerException: { } refused }) broken.Add($"no further campaign or single message could be begun: {refused.Message}");

        var counting = DateTimeOffset.UtcNow;
        var result = await CountAsync(round, strikes, stream.Launched, correspondence, broken, stop);
        return result with { Settled = DateTimeOffset.UtcNow - counting };
    }

    private async Task<Strike> StrikeAsync(Step step, List<string> broken, CancellationToken stop)
    {
        var (began, seen) = (DateTimeOffset.UtcNow, new List<string>());
        tell($"  {step.Fault.What}");
        try
        {
            await step.Fault.StrikeAsync(stage, seen.Add, stop);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            broken.Add($"{step.Fault.What}: {failure.Message}");
        }

        stop.ThrowIfCancellationRequested();
        for (var silo = 0; silo < stage.Silos.Count; silo++)
        {
            if (stage.Silos[silo] is not { HasEnded: true } dead) continue;
            seen.Add($"silo {silo} ended with code {dead.ExitCode}");
            if (!step.Fault.MayEndSilos) broken.Add($"{step.Fault.What}: silo {silo} ended with code {dead.ExitCode}");
            await dead.StartAgainAsync();
        }

        var strike = new Strike(step, began, DateTimeOffset.UtcNow) { Seen = seen };
        await FlowsAsync($"after this was mended: {step.Fault.What}", stop);
        return strike;
    }

    private Task FlowsAsync(string when, CancellationToken stop)
    {
        var from = stage.Meta.Ledger.Count;
        return Wait.UntilAsync(() => Task.FromResult(stage.Meta.Ledger.Count), count => count >= from + ProofOfLife, $"messages are sent {when}", LifeLimit).WaitAsync(stop);
    }

    private async Task<RoundResult> CountAsync(Round round, List<Strike> strikes, IReadOnlyList<string> campaigns, Correspondence correspondence, List<string> broken, CancellationToken stop)
    {
        var (planned, unknown) = (0, 0);
        foreach (var campaign in campaigns)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                await CompleteAsync(campaign);
                var books = (await stage.ReckonAsync(campaign)).Books;
                (planned, unknown) = (planned + books.Planned, unknown + books.Unknown);
                if (books.Planned != books.Accepted + books.Unknown) broken.Add($"campaign {campaign}: of {books.Planned} people {books.Accepted} were accepted and {books.Unknown} are unknown; {books}");
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                broken.Add($"campaign {campaign}: {failure.Message}");
            }
        }

        var singles = await correspondence.CountAsync(broken);
        var most = CampaignStream.Limits.Keys.ToDictionary(number => number, MostPerSecond);
        var tooFast = most.Where(pace => pace.Value > CampaignStream.Limits[pace.Key]).Select(pace => $"{pace.Value} messages of the number {pace.Key} arrived within a second; its limit is {CampaignStream.Limits[pace.Key]}; {Busiest.Describe(stage.Meta.Ledger, pace.Key)}");
        var measured = await MeasureAsync(strikes, campaigns);
        broken.AddRange(Bounds.Exceeded(measured));
        return new RoundResult(dispatch, round.Number, measured, campaigns.Count, planned, stage.Meta.Ledger.Count - singles.Accepted, unknown, broken)
        {
            Singles = correspondence.Taken, UnknownSingles = singles.Unknown,
            TooFast = [.. tooFast], MostPerSecond = most, Refused = new SortedDictionary<int, long>(stage.Meta.Ledger.RefusedByCode.ToDictionary()),
        };
    }

    // Waiting times of messages that go back grow to minutes; nobody here has to wait for them.
    private Task CompleteAsync(string campaign) => Wait.UntilAsync(async () =>
    {
        await stage.PassRetryTimeAsync(campaign);
        return await stage.Api.CampaignAsync(campaign);
    }, view => view.State == "completed", "the campaign is completed", CompletionLimit);

    private int MostPerSecond(string number) => stage.Meta.Ledger.Summarize().Numbers.SingleOrDefault(pace => pace.PhoneNumberId == number)?.Arrived.MaxPerSecond ?? 0;

    private async Task<IReadOnlyList<Strike>> MeasureAsync(List<Strike> strikes, IReadOnlyList<string> campaigns)
    {
        var pulse = new Pulse(stage.Meta.Ledger);
        var lost = await ReadUnknownAsync(campaigns);
        return
        [
            .. strikes.Select((strike, index) => strike with
            {
                LongestGap = pulse.LongestGap(strike.Began, strike.Mended),
                SendingAgainAfter = pulse.SendingAgainAfter(strike.Mended),
                Unknown = lost.Count(at => at >= strike.Began && (index + 1 == strikes.Count || at < strikes[index + 1].Began)),
            }),
        ];
    }

    /// <summary>When each message that ended unknown became uncertain.</summary>
    private async Task<List<DateTimeOffset>> ReadUnknownAsync(IReadOnlyList<string> campaigns)
    {
        // The event log has it also of those whom a takeover found in flight for the second time: their row is as old as their first attempt.
        await using var command = stage.Database.CreateCommand("""
            select coalesce(max(e.at) filter (where t.told ->> 1 = 'uncertain'), max(e.at))
            from message m
            join event e on e.source = 'campaign:' || m.campaign_id and e.kind = 'messages'
            cross join lateral json_array_elements(e.body -> 'transitions') t (told)
            where m.campaign_id = any ($1) and m.state = $2 and (t.told ->> 0)::int = m.position group by m.campaign_id, m.position
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = campaigns.Select(Stage.Id).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)MessageState.Unknown });
        var moments = new List<DateTimeOffset>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) moments.Add(reader.GetFieldValue<DateTimeOffset>(0));
        return moments;
    }
}
