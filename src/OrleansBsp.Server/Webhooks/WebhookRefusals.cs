namespace OrleansBsp.Server.Webhooks;

/// <summary>
/// Tells the log whom the front door has refused: the first at once, then how many a minute at most. Anybody can post forged webhooks, and a flood of them
/// must not fill the log. Safe for concurrent use.
/// </summary>
/// <remarks>What comes after a line is told by the next one; <c>bsp.webhook.ack.duration</c> counts each POST by its status.</remarks>
public sealed class WebhookRefusals(TimeProvider clock, ILogger<WebhookRefusals> log)
{
    private readonly Untold _webhooks = new(clock);
    private readonly Untold _verifications = new(clock);

    /// <summary>A POST was refused.</summary>
    /// <param name="reason">Nothing that the caller has sent.</param>
    public void Webhook(string reason)
    {
        if (_webhooks.CountOrNull() is { } count) log.WebhooksRefused(count, reason);
    }

    /// <summary>A GET was refused with which Meta, or somebody else, asked whether this address is ours.</summary>
    /// <inheritdoc cref="Webhook"/>
    public void Verification(string reason)
    {
        if (_verifications.CountOrNull() is { } count) log.VerificationsRefused(count, reason);
    }

    private sealed class Untold(TimeProvider clock)
    {
        private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

        private readonly Lock _lock = new();
        private long? _toldAt;
        private int _count;

        /// <summary>Counts one more. How many have not been told yet, if it is time to tell them.</summary>
        public int? CountOrNull()
        {
            lock (_lock)
            {
                _count++;
                if (_toldAt is { } at && clock.GetElapsedTime(at) < Every) return null;
                var count = _count;
                (_toldAt, _count) = (clock.GetTimestamp(), 0);
                return count;
            }
        }
    }
}
