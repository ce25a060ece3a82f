using System.Diagnostics;
using OrleansBsp.Core.Pacing;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>
/// Brings outcomes to the owners of their campaigns, in batches: one call of a campaign at a time, the next forms behind it. A call is repeated until the owner has committed it,
/// wherever it lives by then.
/// </summary>
internal sealed class OutcomeReporter
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);
    private static readonly Backoff Pauses = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));

    private readonly IGrainFactory _grains;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Line> _lines = [];

    public OutcomeReporter(IGrainFactory grains, TimeProvider clock, ILogger<OutcomeReporter> log)
    {
        (_grains, _clock, _log) = (grains, clock, log);
        SendingMetrics.Add(this);
    }

    /// <summary>How many outcomes their owners have not committed yet.</summary>
    public int Unreported
    {
        get { lock (_lock) return _lines.Values.Sum(line => line.Waiting.Count + line.OnItsWay.Length); }
    }

    /// <summary>Of the oldest of them; zero if there is none.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_lock)
            {
                var oldest = _lines.Values.Select(line => line.OnItsWay.FirstOrDefault() ?? line.Waiting.FirstOrDefault()).OfType<Waiting>().Select(waiting => waiting.Since).DefaultIfEmpty(0).Min();
                return oldest == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(oldest);
            }
        }
    }

    /// <summary>Completes when the owner has committed the outcome.</summary>
    /// <param name="abandon">Ends the waiting, not what is on its way.</param>
    public Task ReportAsync(long campaign, ReportedOutcome outcome, CancellationToken abandon)
    {
        var waiting = new Waiting(outcome, abandon);
        lock (_lock)
        {
            if (_lines.TryGetValue(campaign, out var line)) line.Waiting.Add(waiting);
            else
            {
                _lines[campaign] = new Line { Waiting = [waiting] };
                _ = Task.Run(() => RunAsync(campaign), CancellationToken.None);
            }
        }

        return waiting.Committed.Task.WaitAsync(abandon);
    }

    private async Task RunAsync(long campaign)
    {
        while (true)
        {
            await Task.Delay(Gather, _clock, CancellationToken.None);
            Waiting[] batch;
            lock (_lock)
            {
                var line = _lines[campaign];
                if (line.Waiting.Count == 0)
                {
                    _lines.Remove(campaign);
                    return;
                }

                batch = line.OnItsWay = [.. line.Waiting.Take(MaxBatch)];
                line.Waiting.RemoveRange(0, batch.Length);
            }

            await ReportAsync(campaign, batch);
            lock (_lock) _lines[campaign].OnItsWay = [];
        }
    }

    private async Task ReportAsync(long campaign, Waiting[] batch)
    {
        var started = Stopwatch.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            batch = [.. batch.Where(waiting => !waiting.Abandon.IsCancellationRequested)];
            if (batch.Length == 0) return;
            try
            {
                await _grains.GetGrain<ICampaignGrain>($"c:{campaign}").ReportOutcomes(new OutcomeBatch([.. batch.Select(waiting => waiting.Outcome)]));
                SendingMetrics.Reported(batch.Length, started);
                foreach (var waiting in batch) waiting.Committed.TrySetResult();
                return;
            }
            catch (KeyNotFoundException unknown)
            {
                // Nobody can be told: the database is of an earlier day than the queue.
                foreach (var waiting in batch) waiting.Committed.TrySetException(unknown);
                return;
            }
            catch (Exception failure)
            {
                _log.ReportFailed(campaign, batch.Length, failure.Message);
                await Task.Delay(Pauses.Spread(failures, Random.Shared.NextDouble(), least: 0.5), _clock, CancellationToken.None);
            }
        }
    }

    /// <summary>The outcomes of one campaign.</summary>
    private sealed class Line
    {
        public required List<Waiting> Waiting { get; init; }

        public Waiting[] OnItsWay { get; set; } = [];
    }

    private sealed record Waiting(ReportedOutcome Outcome, CancellationToken Abandon)
    {
        public long Since { get; } = Stopwatch.GetTimestamp();

        public TaskCompletionSource Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
