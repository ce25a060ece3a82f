using System.Text.Json;
using OrleansBsp.Core.PhoneNumbers;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>
/// The time-limited right of one activation to grant permits for a number.
/// </summary>
/// <remarks>
/// The deadline is stored in the database's time and renewed well before it ends. This side trusts itself only until the start of
/// the last successful renewal plus the right's life less a second, by the monotonic clock: a renewal that was slow to answer
/// cannot stretch it. A new activation takes a higher epoch, which makes further renewals of the old one fail, and grants only after
/// the old right has ended and its own first renewal: until then its own has no length, or each of a series of silos that are lost would add a life to the wait of the next. So two activations never grant for the same moment, whatever paused or was cut off.
/// An activation may begin before the former one has given its right back: its silo was thought to be dead, or its end took long. The former one does so then
/// nevertheless, and the new one, which looks for that while it waits, begins at once and not seconds later.
/// Renewal runs beside the grain's turns: a slow database must not delay grants while the right still lasts.
/// It rests while nobody asks for permits: of ten thousand numbers to which people write, few send, and each renewal is a commit. A right that ended in its rest is
/// renewed under the same epoch when somebody asks again; if another activation has taken the number meanwhile, that fails as ever.
/// </remarks>
internal sealed class GrantRight : IAsyncDisposable
{
    /// <summary>Long enough for a few failed renewals, short enough that a takeover after a crash starts within seconds.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    // Longer than a campaign or a conversation pauses between two asks; while it lasts, a number that is asked once costs so many renewals.
    private static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(5);

    // A renewal takes about as long as a round trip to the database.
    private static readonly TimeSpan Waking = TimeSpan.FromMilliseconds(10);

    // A right is given back late within tens of milliseconds, or within a second by one that did not know that it was lost.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(20), LaterLooks = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private readonly PhoneNumberId _number;
    private readonly PhoneNumberStore _store;
    private readonly SendClock _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Task _renewing;
    private readonly Action _whenLost;
    private readonly Lock _lock = new();
    private (KnownArrivals, TimeSpan)? _former;
    private long _fromTicks;
    private long _untilTicks = TimeSpan.MinValue.Ticks;
    private long _askedTicks = TimeSpan.MinValue.Ticks;
    private int _resting;
    private volatile bool _waking = true; // until the first renewal too
    private volatile bool _lost;

    private GrantRight(PhoneNumberId number, RightRow taken, PhoneNumberStore store, SendClock clock, Action whenLost)
    {
        (_number, Epoch, _store, _clock, _whenLost) = (number, taken.Epoch, store, clock, whenLost);
        _fromTicks = long.MaxValue;
        Learn(taken);
        _renewing = RenewAsync();
    }

    public long Epoch { get; }

    /// <summary>The end of the last permit granted: the right is not given back for an earlier moment. Set by the owner.</summary>
    public TimeSpan GrantedUntil { get; set; }

    /// <summary>Nothing is granted for earlier moments: the right before this one ends then.</summary>
    public TimeSpan From => TimeSpan.FromTicks(Interlocked.Read(ref _fromTicks));

    /// <summary>What the activation before this one has left, and when that was true; null: it has not ended in order, as far as is known.</summary>
    public (KnownArrivals Arrivals, TimeSpan At)? Former { get { lock (_lock) return _former; } }

    /// <summary>What the next activation is to know. Set by the owner before it ends; null: it does not know either.</summary>
    public KnownArrivals? Arrivals { get; set; }

    /// <summary>Another activation has taken the number: this one should end.</summary>
    public bool IsLost => _lost;

    /// <summary>Nobody has asked for permits for a while, and the right has ended or will.</summary>
    public bool IsResting => Volatile.Read(ref _resting) == 1;

    /// <param name="whenLost">Called once, on any thread, when another activation is found to have taken the number. That one waits for the end of this right, which is to be disposed of.</param>
    /// <returns>Null: there is no such number.</returns>
    public static async Task<GrantRight?> TakeAsync(PhoneNumberId number, string owner, PhoneNumberStore store, SendClock clock, Action whenLost, CancellationToken cancel) =>
        await store.TakeAsync(number, owner, cancel) is { } taken ? new GrantRight(number, taken, store, clock, whenLost) : null;

    /// <summary>Somebody wants permits: the right is kept alive, or comes alive again. Called in the grain's turns only.</summary>
    /// <returns>As <see cref="WaitAt"/>.</returns>
    public TimeSpan Ask(TimeSpan now)
    {
        // Written before the other is read, as the renewal does the other way round: one of the two sees it.
        Interlocked.Exchange(ref _askedTicks, now.Ticks);
        if (Interlocked.Exchange(ref _resting, 0) == 1)
        {
            _waking = true;
            _wake.Release();
        }

        return WaitAt(now);
    }

    /// <summary>How long to wait before a permit may be granted; zero: it may be now.</summary>
    public TimeSpan WaitAt(TimeSpan now) =>
        _lost ? RenewEvery
        : now < From ? From - now
        : now.Ticks >= Interlocked.Read(ref _untilTicks) ? _waking ? Waking : RenewEvery
        : TimeSpan.Zero;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            // Until it begins the one before it may still grant.
            var end = GrantedUntil > From ? GrantedUntil : From;
            var granted = end - _clock.Now;
            await _store.GiveBackAsync(_number, Epoch, granted > TimeSpan.Zero ? granted : TimeSpan.Zero, Arrivals, limit.Token);
        }
        catch (Exception failure) when (failure is Npgsql.NpgsqlException or OperationCanceledException)
        {
            // The right ends by itself.
        }
    }

    private async Task RenewAsync()
    {
        var next = TimeSpan.Zero;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await RestedAsync()) next = TimeSpan.Zero;
                // With the first renewal it begins.
                if (!await BegunAsync() || !await RenewedAsync(next))
                {
                    _lost = true;
                    _whenLost();
                    return;
                }

                next = RenewEvery;
                _waking = false;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                next = RenewEvery / 4; // the right still lasts for a while, and whatever it was, nobody else renews it
                _waking = false;
            }
        }
    }

    /// <summary>Waits for the end of the right before this one.</summary>
    /// <returns>False: another activation has taken the number.</returns>
    private async Task<bool> BegunAsync()
    {
        for (var pause = FirstLook; From - _clock.Now is var wait && wait > TimeSpan.Zero; pause = pause * 2 < LaterLooks ? pause * 2 : LaterLooks)
        {
            await Task.Delay(wait < pause ? wait : pause, TimeProvider.System, _stop.Token);
            if (await _store.FindFormerAsync(_number, Epoch, _stop.Token) is not { } seen) return false;
            Learn(seen);
        }

        return true;
    }

    private void Learn(RightRow seen)
    {
        var now = _clock.Now;
        if (seen is { Arrivals: { } arrivals, Ago: { } ago })
            lock (_lock) _former = (JsonSerializer.Deserialize<KnownArrivals>(arrivals)!, now - ago);
        if (now + seen.Wait < From) Interlocked.Exchange(ref _fromTicks, (now + seen.Wait).Ticks);
    }

    /// <returns>False: another activation has taken the number.</returns>
    private async Task<bool> RenewedAsync(TimeSpan after)
    {
        await Task.Delay(after * (0.9 + 0.2 * Random.Shared.NextDouble()), TimeProvider.System, _stop.Token);
        var started = _clock.Now;
        if (!await _store.RenewAsync(_number, Epoch, Life, _stop.Token)) return false;
        Interlocked.Exchange(ref _untilTicks, (started + Life - Margin).Ticks);
        return true;
    }

    /// <summary>Waits for the next one who asks, if nobody has for a while.</summary>
    /// <returns>True: it has waited.</returns>
    private async Task<bool> RestedAsync()
    {
        Interlocked.Exchange(ref _resting, 1);
        var asked = TimeSpan.FromTicks(Interlocked.Read(ref _askedTicks));
        var isAsked = asked > TimeSpan.MinValue && _clock.Now - asked < RestAfter;
        // If Ask was quicker it has woken us already, and that must be taken.
        if (isAsked && Interlocked.Exchange(ref _resting, 0) == 1) return false;
        await _wake.WaitAsync(_stop.Token);
        return !isAsked;
    }
}
