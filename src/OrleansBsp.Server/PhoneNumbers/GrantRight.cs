using OrleansBsp.Core.PhoneNumbers;

namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>
/// The time-limited right of one activation to grant permits for a number.
/// </summary>
/// <remarks>
/// The deadline is stored in the database's time and renewed well before it ends. This side trusts itself only until the start of
/// the last successful renewal plus the right's life less a second, by the monotonic clock: a renewal that was slow to answer
/// cannot stretch it. A new activation takes a higher epoch, which makes further renewals of the old one fail, and grants only after
/// the old right has ended. So two activations never grant for the same moment, whatever paused or was cut off.
/// Renewal runs beside the grain's turns: a slow database must not delay grants while the right still lasts.
/// </remarks>
internal sealed class GrantRight : IAsyncDisposable
{
    /// <summary>Long enough for a few failed renewals, short enough that a takeover after a crash starts within seconds.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private readonly PhoneNumberId _number;
    private readonly PhoneNumberStore _store;
    private readonly SendClock _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;
    private readonly TimeSpan _from;
    private long _untilTicks;
    private volatile bool _lost;

    private GrantRight(PhoneNumberId number, long epoch, TimeSpan from, TimeSpan until, PhoneNumberStore store, SendClock clock)
    {
        (_number, Epoch, _from, _store, _clock) = (number, epoch, from, store, clock);
        _untilTicks = until.Ticks;
        _renewing = RenewAsync();
    }

    public long Epoch { get; }

    /// <summary>The end of the last permit granted: the right is not given back for an earlier moment. Set by the owner.</summary>
    public TimeSpan GrantedUntil { get; set; }

    /// <summary>Another activation has taken the number: this one should end.</summary>
    public bool IsLost => _lost;

    /// <returns>Null: there is no such number.</returns>
    public static async Task<GrantRight?> TakeAsync(PhoneNumberId number, string owner, PhoneNumberStore store, SendClock clock, CancellationToken cancel)
    {
        var started = clock.Now;
        if (await store.TakeAsync(number, owner, Life, cancel) is not var (epoch, wait)) return null;
        // The stored deadline is the former one plus a life, so the right lasts at least a life from when the waiting is over.
        return new GrantRight(number, epoch, clock.Now + wait, started + wait + Life - Margin, store, clock);
    }

    /// <summary>How long to wait before a permit may be granted; zero: it may be now.</summary>
    public TimeSpan WaitAt(TimeSpan now) =>
        _lost || now.Ticks >= Interlocked.Read(ref _untilTicks) ? RenewEvery
        : now < _from ? _from - now
        : TimeSpan.Zero;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
        if (_lost) return;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            var granted = GrantedUntil - _clock.Now;
            await _store.GiveBackAsync(_number, Epoch, Life, granted > TimeSpan.Zero ? granted : TimeSpan.Zero, limit.Token);
        }
        catch (Exception failure) when (failure is Npgsql.NpgsqlException or OperationCanceledException)
        {
            // The right ends by itself.
        }
    }

    private async Task RenewAsync()
    {
        // A right that has not begun needs no renewal yet: its stored deadline lies a life after its beginning.
        var next = _from > _clock.Now ? _from - _clock.Now + RenewEvery : RenewEvery;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(next * (0.9 + 0.2 * Random.Shared.NextDouble()), TimeProvider.System, _stop.Token);
                next = RenewEvery;
                var started = _clock.Now;
                if (await _store.RenewAsync(_number, Epoch, Life, _stop.Token))
                    Interlocked.Exchange(ref _untilTicks, (started + Life - Margin).Ticks);
                else
                {
                    _lost = true;
                    return;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is Npgsql.NpgsqlException or TimeoutException or OperationCanceledException)
            {
                next = RenewEvery / 4; // the right still lasts for a while
            }
        }
    }
}
