namespace OrleansBsp.Core.Webhooks;

/// <summary>What a user decided about marketing messages.</summary>
public enum PreferenceChange
{
    /// <summary>No marketing any more; sends would fail with the opt-out code.</summary>
    Stop,

    /// <summary>Marketing is welcome again.</summary>
    Resume,

    /// <summary>Opted in through a sign-up link.</summary>
    Signup,
}

/// <summary>One element of <c>user_preferences[]</c> (reference 5.8).</summary>
/// <param name="WabaId">The WABA it concerns.</param>
/// <param name="PhoneNumberId">The number it concerns.</param>
/// <param name="WaId">The user's WhatsApp id; null for a hidden phone, then <paramref name="UserId"/> is there.</param>
/// <param name="UserId">The user's BSUID.</param>
/// <param name="Change">Stop, resume or sign-up.</param>
/// <param name="Category">Today always <c>marketing_messages</c>.</param>
/// <param name="Detail">Meta's words.</param>
/// <param name="SignupId">The sign-up link, for a sign-up.</param>
/// <param name="At">Meta's time; null if missing.</param>
public sealed record Preference(
    string? WabaId, string? PhoneNumberId, string? WaId, string? UserId, PreferenceChange Change, string? Category, string? Detail, string? SignupId, DateTimeOffset? At);
