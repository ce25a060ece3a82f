using System.Globalization;
using System.Text;

namespace OrleansBsp.Simulator.Accounts;

/// <summary>What a recipient looks like from Meta's side: canonical number, BSUID, name. All functions of the digits.</summary>
internal static class Wa
{
    public const ulong UserIdBit = 1UL << 63;

    // One of them needs escapes on the wire, so that a receiver that hashes re-serialised JSON fails early.
    private static readonly (string Name, string? User)[] Names =
    [
        ("Asha Menon", "asha.menon"), ("Ben Carter", null), ("Zoë Åberg", "zoe_a"), ("Gita Rao", "gita_rao"), ("Tom O'Neil", null), ("Mei 😊", "mei.l"), ("Sara Khan", null), ("Luis/Ana", null),
    ];

    /// <summary>Reads a recipient as people write it: "+", spaces, "-", "(" and ")" are allowed. 0 if it is not 7 to 15 digits.</summary>
    public static ulong Digits(ReadOnlySpan<char> text, out bool international)
    {
        international = text.Length > 0 && text[0] == '+';
        ulong digits = 0;
        var length = 0;
        foreach (var one in text)
        {
            if (char.IsAsciiDigit(one))
            {
                digits = (digits * 10) + (ulong)(one - '0');
                if (++length > 15)
                {
                    return 0;
                }
            }
            else if (one is not ('+' or ' ' or '-' or '(' or ')'))
            {
                return 0;
            }
        }

        return length < 7 ? 0 : digits;
    }

    /// <summary>The <c>wa_id</c>, which differs from the number for Brazil, Mexico and Argentina (reference 1.3).</summary>
    public static ulong WaId(ulong digits) => digits switch
    {
        // Brazil, area 31 and up: registered without the ninth digit.
        >= 5531_9_0000_0000 and < 5600_0_0000_0000 when digits / 100_000_000 % 10 == 9 => (digits / 1_000_000_000 * 100_000_000) + (digits % 100_000_000),
        >= 52_00_0000_0000 and < 53_00_0000_0000 => 521_0000000000UL + (digits % 10_000_000_000),
        >= 54_00_0000_0000 and < 55_00_0000_0000 => 549_0000000000UL + (digits % 10_000_000_000),
        _ => digits,
    };

    /// <summary>Digits to put into a wamid: for a BSUID some that belong to nobody.</summary>
    public static ulong DigitsForWamid(ulong recipient) => (recipient & UserIdBit) == 0 ? WaId(recipient) : 1_000_000_000 + (recipient % 99_999_999);

    /// <summary>Key of a recipient that is known only by BSUID.</summary>
    public static ulong UserIdKey(string userId) => Hash.Of(userId.AsSpan()) | UserIdBit;

    /// <summary>Writes the BSUID behind a number as ASCII and returns its length: country, dot, 20 digits.</summary>
    public static int WriteUserId(ulong digits, Span<byte> to)
    {
        Span<byte> text = stackalloc byte[20];
        digits.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        Country(text[..length]).CopyTo(to);
        to[2] = (byte)'.';
        ((Hash.Mix(digits) % 9_000_000_000) + 1_000_000_000).TryFormat(to[3..], out _, provider: CultureInfo.InvariantCulture);
        ((Hash.Mix(digits + 1) % 9_000_000_000) + 1_000_000_000).TryFormat(to[13..], out _, provider: CultureInfo.InvariantCulture);
        return 23;
    }

    public static string UserId(ulong digits)
    {
        Span<byte> buffer = stackalloc byte[32];
        return Encoding.ASCII.GetString(buffer[..WriteUserId(digits, buffer)]);
    }

    public static (string Name, string? User) Profile(ulong recipient) => Names[Hash.Mix(recipient ^ 0xA11) % (ulong)Names.Length];

    private static ReadOnlySpan<byte> Country(ReadOnlySpan<byte> digits) => (((digits[0] - '0') * 10) + digits[1] - '0') switch
    {
        61 => "AU"u8,
        91 => "IN"u8,
        44 => "GB"u8,
        55 => "BR"u8,
        52 => "MX"u8,
        54 => "AR"u8,
        65 => "SG"u8,
        62 => "ID"u8,
        97 => "AE"u8,
        49 => "DE"u8,
        27 => "ZA"u8,
        23 => "NG"u8,
        _ => "US"u8,
    };
}
