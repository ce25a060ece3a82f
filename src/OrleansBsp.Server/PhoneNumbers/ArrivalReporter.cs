using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>
/// Tells numbers when the requests of this process have arrived at Meta: so a number knows what counts in the present second when another process sends for it too
/// (<see cref="Core.Pacing.SharedWindow"/>). Who hears nothing assumes the worst for a while; so a report that is lost costs some of the rate and not the limit.
/// </summary>
internal sealed class ArrivalReporter(SendClock clock, IGrainFactory grains, TimeProvider time, ILogger<ArrivalReporter> log) : BackgroundService
{
    // Numbers need it within some hundred milliseconds; oftener would be more calls for nothing.
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SendLane, byte> _telling = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(CancellationToken.None) && !stoppingToken.IsCancellationRequested)
        {
            foreach (var lane in clock.LanesToTell())
                if (_telling.TryAdd(lane, 0)) _ = TellAsync(lane);
        }
    }

    private async Task TellAsync(SendLane lane)
    {
        try
        {
            var report = clock.TakeArrivals(lane);
            if (report.Permits.Length == 0 && report.OnTheirWay!.Length == 0) return;
            var started = Stopwatch.GetTimestamp();
            // What a silo that is gone will never answer must not keep later arrivals from the number's next owner.
            await grains.GetGrain<IPhoneNumberGrain>($"p:{lane.Number}").ReportArrivals(report).WaitAsync(AnswerWithin, time);
            PhoneNumberMetrics.Reported(report.Permits.Length, started);
        }
        catch (Exception failure)
        {
            log.ArrivalsNotTold(lane.Number.Value, failure.Message);
        }
        finally
        {
            _telling.TryRemove(lane, out _);
        }
    }
}
