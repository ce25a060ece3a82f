using System.Runtime.InteropServices;

namespace OrleansBsp.Simulator.Limits;

/// <summary>What one number knows about one recipient.</summary>
public struct PairState
{
    /// <summary>Sends that arrived for this pair, refused ones included.</summary>
    public int Attempts;

    /// <summary>Tokens taken from the pair's bucket; falls by one per refill.</summary>
    public float Spent;

    /// <summary>When <see cref="Spent"/> was last brought up to date, microseconds.</summary>
    public long RefilledAt;

    /// <summary>End of the service window, microseconds of the simulator's clock; 0 means never opened.</summary>
    public long WindowUntil;
}

/// <summary>
/// The recipients of one number: attempt counts, pair buckets (reference 3.2) and service windows (7.1).
/// Split into stripes with a lock each, because all connections of a campaign meet here.
/// </summary>
public sealed class PairTable
{
    private const int Stripes = 16;
    private const long WindowMicros = 24L * 3600 * 1_000_000;
    private readonly Dictionary<ulong, PairState>[] stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Dictionary<ulong, PairState>())];

    /// <summary>Counts an attempt and returns its ordinal, from 1.</summary>
    public int CountAttempt(ulong recipient)
    {
        var stripe = StripeOf(recipient);
        lock (stripe)
        {
            ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(stripe, recipient, out _);
            return ++state.Attempts;
        }
    }

    /// <summary>Takes a token of the pair's bucket, or refuses.</summary>
    public bool TryTakeToken(ulong recipient, long nowMicros, int burst, double refillSeconds)
    {
        var stripe = StripeOf(recipient);
        lock (stripe)
        {
            ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(stripe, recipient, out _);
            var refilled = (nowMicros - state.RefilledAt) / (refillSeconds * 1_000_000);
            state.Spent = (float)Math.Max(0, state.Spent - refilled);
            state.RefilledAt = nowMicros;
            if (state.Spent + 1 > burst + 1e-4)
            {
                return false;
            }

            state.Spent++;
            return true;
        }
    }

    /// <summary>Gives back a token whose message another limit refused: retries must not eat the pair's burst.</summary>
    public void ReturnToken(ulong recipient)
    {
        var stripe = StripeOf(recipient);
        lock (stripe)
        {
            ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(stripe, recipient, out _);
            state.Spent = Math.Max(0, state.Spent - 1);
        }
    }

    /// <summary>An inbound message opens the window for 24 hours.</summary>
    public void OpenWindow(ulong recipient, long nowMicros)
    {
        var stripe = StripeOf(recipient);
        lock (stripe)
        {
            ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(stripe, recipient, out _);
            state.WindowUntil = nowMicros + WindowMicros;
        }
    }

    /// <summary>Whether free-form messages are allowed now.</summary>
    public bool IsWindowOpen(ulong recipient, long nowMicros)
    {
        var stripe = StripeOf(recipient);
        lock (stripe)
        {
            return stripe.TryGetValue(recipient, out var state) && state.WindowUntil > nowMicros;
        }
    }

    /// <summary>Forgets every recipient.</summary>
    public void Clear()
    {
        foreach (var stripe in stripes)
        {
            lock (stripe)
            {
                stripe.Clear();
                stripe.TrimExcess();
            }
        }
    }

    private Dictionary<ulong, PairState> StripeOf(ulong recipient) => stripes[Hash.Mix(recipient) % Stripes];
}
