namespace OrleansBsp.Core.Webhooks;

/// <summary>A change of the WABA, its portfolio or its security (reference 5.8).</summary>
/// <param name="WabaId">The WABA (<c>entry.id</c>).</param>
/// <param name="At">Time of the entry.</param>
/// <param name="Raw">The value as JSON, for the log of events.</param>
public abstract record AccountEvent(string? WabaId, DateTimeOffset? At, string Raw)
{
    /// <summary><c>account_update</c>: violation, restriction, ban, deletion, partners, price tiers.</summary>
    public sealed record Updated(string? WabaId, DateTimeOffset? At, string Raw) : AccountEvent(WabaId, At, Raw)
    {
        /// <summary>Meta's word, e.g. <c>ACCOUNT_RESTRICTION</c>, <c>DISABLED_UPDATE</c>.</summary>
        public required string Event { get; init; }

        /// <summary>What is restricted until when.</summary>
        public IReadOnlyList<AccountRestriction> Restrictions { get; init; } = [];

        /// <summary>The policy violated, e.g. <c>SCAM</c>.</summary>
        public string? ViolationType { get; init; }

        /// <summary><c>DISABLE</c>, <c>REINSTATE</c> or <c>SCHEDULE_FOR_DISABLE</c>.</summary>
        public string? BanState { get; init; }

        /// <summary>Meta's words ("November 22, 2026"), no timestamp.</summary>
        public string? BanDate { get; init; }

        /// <summary>Why a phone app was disconnected (coexistence).</summary>
        public string? DisconnectionReason { get; init; }

        /// <inheritdoc/>
        public override T Match<T>(
            Func<Updated, T> updated, Func<Alerted, T> alerted, Func<Reviewed, T> reviewed, Func<CapabilityChanged, T> capability, Func<PinEvent, T> pin) =>
            updated(this);
    }

    /// <summary><c>account_alerts</c>: limit increase put off, official account, lost profile picture.</summary>
    public sealed record Alerted(
        string? WabaId, DateTimeOffset? At, string Raw, string? EntityType, string? EntityId, string? Severity, string? Status, string? Type, string? Description)
        : AccountEvent(WabaId, At, Raw)
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Updated, T> updated, Func<Alerted, T> alerted, Func<Reviewed, T> reviewed, Func<CapabilityChanged, T> capability, Func<PinEvent, T> pin) =>
            alerted(this);
    }

    /// <summary><c>account_review_update</c>: <c>APPROVED</c>, <c>REJECTED</c>, <c>PENDING</c>, <c>DEFERRED</c>.</summary>
    public sealed record Reviewed(string? WabaId, DateTimeOffset? At, string Raw, string Decision) : AccountEvent(WabaId, At, Raw)
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Updated, T> updated, Func<Alerted, T> alerted, Func<Reviewed, T> reviewed, Func<CapabilityChanged, T> capability, Func<PinEvent, T> pin) =>
            reviewed(this);
    }

    /// <summary><c>business_capability_update</c>: the portfolio's limits.</summary>
    public sealed record CapabilityChanged(string? WabaId, DateTimeOffset? At, string Raw, MessagingLimit? Limit, int? MaxPhoneNumbers)
        : AccountEvent(WabaId, At, Raw)
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Updated, T> updated, Func<Alerted, T> alerted, Func<Reviewed, T> reviewed, Func<CapabilityChanged, T> capability, Func<PinEvent, T> pin) =>
            capability(this);
    }

    /// <summary><c>security</c>: somebody changed or asked to reset the two-step PIN of a number.</summary>
    public sealed record PinEvent(string? WabaId, DateTimeOffset? At, string Raw, string? DisplayPhoneNumber, string Event, string? Requester)
        : AccountEvent(WabaId, At, Raw)
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<Updated, T> updated, Func<Alerted, T> alerted, Func<Reviewed, T> reviewed, Func<CapabilityChanged, T> capability, Func<PinEvent, T> pin) =>
            pin(this);
    }

    /// <summary>One answer per kind.</summary>
    public abstract T Match<T>(
        Func<Updated, T> updated, Func<Alerted, T> alerted, Func<Reviewed, T> reviewed, Func<CapabilityChanged, T> capability, Func<PinEvent, T> pin);
}

/// <summary>One restriction of an account.</summary>
/// <param name="Type">E.g. <c>RESTRICTED_BIZ_INITIATED_MESSAGING</c>.</param>
/// <param name="Until">When it ends; null if Meta names no end.</param>
/// <param name="Remediation">What Meta asks for.</param>
public sealed record AccountRestriction(string Type, DateTimeOffset? Until, string? Remediation);
