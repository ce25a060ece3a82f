namespace OrleansBsp.Core.Webhooks;

/// <summary>A change of a phone number (reference 5.8). These payloads name the number only as displayed, by its digits.</summary>
/// <param name="WabaId">The WABA it belongs to.</param>
/// <param name="DisplayPhoneNumber">The number's digits; null if missing.</param>
/// <param name="At">Time of the entry.</param>
public abstract record NumberEvent(string? WabaId, string? DisplayPhoneNumber, DateTimeOffset? At)
{
    /// <summary>Throughput or messaging limit changed. (Quality colours are not reported since October 2025: poll them.)</summary>
    /// <param name="WabaId">The WABA it belongs to.</param>
    /// <param name="DisplayPhoneNumber">The number's digits.</param>
    /// <param name="At">Time of the entry.</param>
    /// <param name="Event">E.g. <c>THROUGHPUT_UPGRADE</c>, <c>ONBOARDING</c>.</param>
    /// <param name="Limit">The portfolio's limit, under its new or its old key.</param>
    /// <param name="OldLimit">The limit before, in old payloads.</param>
    public sealed record LimitChanged(
        string? WabaId, string? DisplayPhoneNumber, DateTimeOffset? At, string? Event, MessagingLimit? Limit, MessagingLimit? OldLimit)
        : NumberEvent(WabaId, DisplayPhoneNumber, At)
    {
        /// <inheritdoc/>
        public override T Match<T>(Func<LimitChanged, T> limit, Func<NameReviewed, T> name, Func<UsernameChanged, T> username) => limit(this);
    }

    /// <summary>The display name was approved, rejected or put off.</summary>
    public sealed record NameReviewed(
        string? WabaId, string? DisplayPhoneNumber, DateTimeOffset? At, string Decision, string? RequestedName, string? RejectionReason)
        : NumberEvent(WabaId, DisplayPhoneNumber, At)
    {
        /// <inheritdoc/>
        public override T Match<T>(Func<LimitChanged, T> limit, Func<NameReviewed, T> name, Func<UsernameChanged, T> username) => name(this);
    }

    /// <summary>The business username is <c>approved</c>, <c>reserved</c> or <c>deleted</c>.</summary>
    public sealed record UsernameChanged(string? WabaId, string? DisplayPhoneNumber, DateTimeOffset? At, string? Username, string Status)
        : NumberEvent(WabaId, DisplayPhoneNumber, At)
    {
        /// <inheritdoc/>
        public override T Match<T>(Func<LimitChanged, T> limit, Func<NameReviewed, T> name, Func<UsernameChanged, T> username) => username(this);
    }

    /// <summary>One answer per kind.</summary>
    public abstract T Match<T>(Func<LimitChanged, T> limit, Func<NameReviewed, T> name, Func<UsernameChanged, T> username);
}
