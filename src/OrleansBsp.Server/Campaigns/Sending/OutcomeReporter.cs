namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>
/// Brings outcomes to the owners of their campaigns, in batches: one call of a campaign at a time, the next forms behind it. A call is repeated until the owner has committed it,
/// wherever it lives by then.
/// </summary>
internal sealed class OutcomeReporter(IGrainFactory grains, TimeProvider clock, ILogger<OutcomeReporter> log)
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, List<Waiting>> _waiting = [];

    /// <summary>Completes when the owner has committed the outcome.</summary>
    /// <param name="abandon">Ends the waiting, not what is on its way.</param>
    public Task ReportAsync(long campaign, ReportedOutcome outcome, CancellationToken abandon)
    {
        var waiting = new Waiting(outcome, abandon);
        lock (_lock)
        {
            if (_waiting.TryGetValue(campaign, out var others)) others.Add(waiting);
            else
            {
                _waiting[campaign] = [waiting];
                _ = Task.Run(() => RunAsync(campaign), CancellationToken.None);
            }
        }

        return waiting.Committed.Task.WaitAsync(abandon);
    }

    private async Task RunAsync(long campaign)
    {
        while (true)
        {
            await Task.Delay(Gather, clock, CancellationToken.None);
            Waiting[] batch;
            lock (_lock)
            {
                var waiting = _waiting[campaign];
                if (waiting.Count == 0)
                {
                    _waiting.Remove(campaign);
                    return;
                }

                batch = [.. waiting.Take(MaxBatch)];
                waiting.RemoveRange(0, batch.Length);
            }

            await ReportAsync(campaign, batch);
        }
    }

    private async Task ReportAsync(long campaign, Waiting[] batch)
    {
        for (var failures = 0; ; failures++)
        {
            batch = [.. batch.Where(waiting => !waiting.Abandon.IsCancellationRequested)];
            if (batch.Length == 0) return;
            try
            {
                await grains.GetGrain<ICampaignGrain>($"c:{campaign}").ReportOutcomes(new OutcomeBatch([.. batch.Select(waiting => waiting.Outcome)]));
                foreach (var waiting in batch) waiting.Committed.TrySetResult();
                return;
            }
            catch (Exception failure)
            {
                // A campaign without a row cannot be told anything; its orders become dead letters.
                log.ReportFailed(campaign, batch.Length, failure.Message);
                var longest = Math.Min(50 << Math.Min(failures, 10), LongestPause.TotalMilliseconds);
                await Task.Delay(TimeSpan.FromMilliseconds(longest * (0.5 + 0.5 * Random.Shared.NextDouble())), clock, CancellationToken.None);
            }
        }
    }

    private sealed record Waiting(ReportedOutcome Outcome, CancellationToken Abandon)
    {
        public TaskCompletionSource Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
