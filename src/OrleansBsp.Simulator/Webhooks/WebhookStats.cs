namespace OrleansBsp.Simulator.Webhooks;

/// <summary>How deliveries went. Latencies are from the start of a POST to its answer, successful ones only, in ms.</summary>
/// <param name="Delivered">POSTs answered with 200.</param>
/// <param name="Failed">Attempts that ended otherwise.</param>
/// <param name="GivenUp">Webhooks dropped after the last retry.</param>
/// <param name="Updates">Statuses and inbound messages in the delivered POSTs.</param>
/// <param name="Outstanding">POSTs waiting, under way or waiting for a retry.</param>
/// <param name="Scheduled">Statuses and other work whose time has not come.</param>
public sealed record WebhookFigures(long Delivered, long Failed, long GivenUp, long Updates, int Outstanding, int Scheduled, double P50Ms, double P99Ms, double MaxMs);

/// <summary>Counts deliveries. The latest 100,000 latencies are kept, which bounds memory and still gives an exact p99 of a run's end.</summary>
internal sealed class WebhookStats
{
    private const int Kept = 100_000;
    private readonly Lock gate = new();
    private readonly List<int> latencies = [];
    private long delivered;
    private long failed;
    private long givenUp;
    private long updates;

    public void Delivered(long micros, int updateCount)
    {
        lock (gate)
        {
            if (latencies.Count < Kept)
            {
                latencies.Add((int)Math.Min(micros, int.MaxValue));
            }
            else
            {
                latencies[(int)(delivered % Kept)] = (int)Math.Min(micros, int.MaxValue);
            }

            delivered++;
            updates += updateCount;
        }
    }

    public void Failed() => Interlocked.Increment(ref failed);

    public void GivenUp() => Interlocked.Increment(ref givenUp);

    public void Clear()
    {
        lock (gate)
        {
            latencies.Clear();
            delivered = failed = givenUp = updates = 0;
        }
    }

    public WebhookFigures Read(int outstanding, int scheduled)
    {
        lock (gate)
        {
            var sorted = latencies.ToArray();
            Array.Sort(sorted);
            return new WebhookFigures(delivered, failed, givenUp, updates, outstanding, scheduled, At(sorted, 0.5), At(sorted, 0.99), At(sorted, 1));
        }
    }

    private static double At(int[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)] / 1000.0;
}
