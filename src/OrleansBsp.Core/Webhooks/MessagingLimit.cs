using System.Globalization;

namespace OrleansBsp.Core.Webhooks;

/// <summary>
/// Unique users a portfolio may message outside windows in 24 h. Meta writes it as <c>TIER_2K</c>, as
/// <c>TIER_UNLIMITED</c>, as a plain number, and -1 for unlimited (reference 3.3, 5.8).
/// </summary>
/// <param name="Text">What Meta wrote.</param>
/// <param name="PerDay">Users in 24 h; null if unlimited or not understood.</param>
/// <param name="IsUnlimited">True for no limit.</param>
public readonly record struct MessagingLimit(string Text, long? PerDay, bool IsUnlimited)
{
    /// <summary>Reads any of Meta's forms; null stays null.</summary>
    public static MessagingLimit? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (text is "-1" or "TIER_UNLIMITED" or "UNLIMITED")
        {
            return new(text, null, true);
        }

        var digits = text.StartsWith("TIER_", StringComparison.Ordinal) ? text.AsSpan(5) : text;
        var thousands = digits.EndsWith("K", StringComparison.Ordinal);
        return int.TryParse(thousands ? digits[..^1] : digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new(text, count * (thousands ? 1000L : 1), false)
            : new(text, null, false);
    }
}
