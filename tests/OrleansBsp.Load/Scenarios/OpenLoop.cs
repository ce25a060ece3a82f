using System.Diagnostics;

namespace OrleansBsp.Load.Scenarios;

/// <summary>
/// Starts requests by the clock, whether or not earlier ones are answered, and measures each from the moment it was due. So a stall of the
/// receiver counts for every request that should have been sent meanwhile.
/// </summary>
/// <param name="send">Sends the n-th request and ends with its answer.</param>
internal sealed class OpenLoop(int perSecond, int count, Func<int, Task> send)
{
    private readonly double[] _latencies = new double[count];
    private readonly double[] _late = new double[count];
    private readonly long _started = Stopwatch.GetTimestamp();

    public IReadOnlyList<double> LatenciesMs => _latencies;

    /// <summary>How much later than due this tool started each request: if it is much, the tool is the limit.</summary>
    public IReadOnlyList<double> StartedLateMs => _late;

    public async Task RunAsync(CancellationToken cancel)
    {
        var requests = new Task[count];
        // A thread of its own: in the thread pool the pace would wait behind the answers.
        var pace = new Thread(() => Pace(requests, cancel)) { IsBackground = true, Name = "open-loop", Priority = ThreadPriority.AboveNormal };
        pace.Start();
        await Task.Run(pace.Join, CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        await Task.WhenAll(requests);
    }

    private void Pace(Task[] requests, CancellationToken cancel)
    {
        var origin = Stopwatch.GetElapsedTime(_started);
        for (var i = 0; i < count && !cancel.IsCancellationRequested;)
        {
            var due = origin + TimeSpan.FromSeconds((double)i / perSecond);
            if (Stopwatch.GetElapsedTime(_started) < due)
            {
                Thread.Sleep(1);
                continue;
            }

            requests[i] = OneAsync(i, due);
            i++;
        }
    }

    private async Task OneAsync(int i, TimeSpan due)
    {
        _late[i] = (Stopwatch.GetElapsedTime(_started) - due).TotalMilliseconds;
        await send(i);
        _latencies[i] = (Stopwatch.GetElapsedTime(_started) - due).TotalMilliseconds;
    }
}
