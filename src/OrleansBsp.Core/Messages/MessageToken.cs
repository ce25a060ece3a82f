using System.Globalization;

namespace OrleansBsp.Core.Messages;

/// <summary>
/// The opaque reference in <c>biz_opaque_callback_data</c> that leads a status back to its message without a look-up:
/// <c>bsp1.c.&lt;campaign&gt;.&lt;position&gt;.&lt;attempt&gt;.&lt;key&gt;</c> for a recipient of a campaign,
/// <c>bsp1.m.&lt;message&gt;.&lt;attempt&gt;.&lt;key&gt;</c> for a single send. At most 60 characters (Meta allows 512), no personal data: every
/// app subscribed to the account can read it.
/// </summary>
/// <param name="Kind">What <paramref name="Owner"/> counts.</param>
/// <param name="Owner">The campaign's or the single message's number.</param>
/// <param name="Position">The recipient's position; 0 for a single send.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Key">A random number kept with the owner: tokens of another installation on the same account do not match.</param>
public readonly record struct MessageToken(MessageTokenKind Kind, long Owner, int Position, int Attempt, int Key)
{
    private const string Prefix = "bsp1.";

    public static MessageToken ForCampaign(long campaign, int position, int attempt, int key) => new(MessageTokenKind.Campaign, campaign, position, attempt, key);

    public static MessageToken ForSingle(long message, int attempt, int key) => new(MessageTokenKind.Single, message, 0, attempt, key);

    /// <summary>Null for anything that is not a token of ours.</summary>
    public static MessageToken? ParseOrNull(string? text)
    {
        if (text is null || text.Length > 60 || !text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        Span<Range> parts = stackalloc Range[7];
        var span = text.AsSpan();
        var count = span.Split(parts, '.');
        return span[parts[1]] switch
        {
            "c" when count == 6 && Number(span[parts[2]], out var owner) && Number(span[parts[3]], out var position)
                && Number(span[parts[4]], out var attempt) && Number(span[parts[5]], out var key)
                && position is > 0 and <= int.MaxValue && attempt is > 0 and <= short.MaxValue && key <= int.MaxValue
                => ForCampaign(owner, (int)position, (int)attempt, (int)key),
            "m" when count == 5 && Number(span[parts[2]], out var owner)
                && Number(span[parts[3]], out var attempt) && Number(span[parts[4]], out var key)
                && attempt is > 0 and <= short.MaxValue && key <= int.MaxValue
                => ForSingle(owner, (int)attempt, (int)key),
            _ => null,
        };
    }

    public override string ToString() => Kind == MessageTokenKind.Campaign
        ? string.Create(CultureInfo.InvariantCulture, $"{Prefix}c.{Owner}.{Position}.{Attempt}.{Key}")
        : string.Create(CultureInfo.InvariantCulture, $"{Prefix}m.{Owner}.{Attempt}.{Key}");

    // One spelling only: TryParse alone would also take leading zeros and trailing null characters.
    private static bool Number(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        return text is "0" or [>= '1' and <= '9', ..] && char.IsAsciiDigit(text[^1])
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}

public enum MessageTokenKind
{
    Campaign,
    Single,
}
