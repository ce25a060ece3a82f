using System.Globalization;
using OrleansBsp.Core.Campaigns.Audience;
using PhoneNumbers;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>
/// Phone cells to E.164 by libphonenumber, which has the last word on what is a number of its country. Landlines are
/// accepted: WhatsApp Business runs on them too. One instance per import; safe for several threads.
/// </summary>
/// <remarks>
/// A number costs 2 µs, 2 s for a million, while PostgreSQL works on another core. A faster path for common shapes was not
/// worth a second opinion on what a phone number is.
/// </remarks>
public sealed class PhoneNormaliser
{
    private const int MaxE164Digits = 15;
    private static readonly PhoneNumberUtil Numbers = PhoneNumberUtil.GetInstance();
    private static readonly ShortNumberInfo ShortNumbers = ShortNumberInfo.GetInstance();
    private readonly string _country;

    private PhoneNormaliser(string country) => _country = country;

    /// <param name="country">ISO 3166-1 alpha-2, in any case: the country of numbers that name none.</param>
    /// <returns>Null if there is no such country.</returns>
    public static PhoneNormaliser? ForCountryOrNull(string? country)
    {
        var region = country?.Trim().ToUpperInvariant();
        return region is { Length: 2 } && Numbers.GetSupportedRegions().Contains(region) ? new PhoneNormaliser(region) : null;
    }

    /// <param name="cell">As the file has it; spaces around it do not count.</param>
    public PhoneReading Read(string cell)
    {
        var value = cell.Trim();
        if (value.Length == 0) return PhoneReading.Reject("phone_empty", "The phone number is empty.");
        var shown = $"\"{Shorten(value)}\"";
        return SpreadsheetDamages.Of(value) switch
        {
            SpreadsheetDamage.Scientific => PhoneReading.Reject("phone_scientific",
                $"{shown} was rounded by a spreadsheet and its digits are lost. Format the column as a number without decimals or as text, and export it again."),
            SpreadsheetDamage.Decimal => PhoneReading.Reject("phone_decimal",
                $"{shown} was exported as a number with decimals. Format the column as text, and export it again."),
            SpreadsheetDamage.Apostrophe => PhoneReading.Reject("phone_apostrophe",
                $"{shown} starts with the apostrophe that marks text in a spreadsheet. Remove it."),
            SpreadsheetDamage.None => Parse(value, shown),
        };
    }

    private PhoneReading Parse(string value, string shown)
    {
        PhoneNumber number;
        try
        {
            number = Numbers.Parse(value, _country);
        }
        catch (NumberParseException failure)
        {
            return Unreadable(failure.ErrorType, value, shown);
        }

        if (number.HasExtension)
            return PhoneReading.Reject("phone_extension", $"{shown} has an extension or holds a second number; WhatsApp reaches whole numbers only, one per row.");
        // libphonenumber reads 1800-FLOWERS by the letters on the keys, and skips words around digits. Both are guesses here.
        if (HasLetters(value))
            return PhoneReading.Reject("phone_letters", $"{shown} has letters in it. Write the number in digits.");
        if (!Numbers.IsValidNumber(number)) return Invalid(number, value, shown);
        var e164 = Numbers.Format(number, PhoneNumberFormat.E164).AsSpan(1);
        return e164.Length <= MaxE164Digits
            ? PhoneReading.Accept(long.Parse(e164, NumberStyles.None, CultureInfo.InvariantCulture))
            : PhoneReading.Reject("phone_too_long", $"{shown} has more than {MaxE164Digits} digits with its country code; no phone number has.");
    }

    private PhoneReading Unreadable(ErrorType error, string value, string shown) => error switch
    {
        ErrorType.INVALID_COUNTRY_CODE => PhoneReading.Reject("phone_country_code", $"{shown} starts with a country code that does not exist."),
        ErrorType.TOO_SHORT_AFTER_IDD or ErrorType.TOO_SHORT_NSN => TooShort(value, shown, _country),
        ErrorType.TOO_LONG => PhoneReading.Reject("phone_too_long", $"{shown} has too many digits for any country (default country {_country})."),
        ErrorType.NOT_A_NUMBER => PhoneReading.Reject("phone_not_a_number", $"{shown} is not a phone number (default country {_country})."),
    };

    private PhoneReading Invalid(PhoneNumber number, string value, string shown)
    {
        var country = Numbers.GetRegionCodeForCountryCode(number.CountryCode);
        var of = country is "ZZ" or "001" ? $"country code +{number.CountryCode}" : $"{country} (+{number.CountryCode})";
        return Numbers.IsPossibleNumberWithReason(number) switch
        {
            PhoneNumberUtil.ValidationResult.TOO_SHORT => TooShort(value, shown, of),
            PhoneNumberUtil.ValidationResult.TOO_LONG => PhoneReading.Reject("phone_too_long", $"{shown} is too long for a phone number of {of}.{PlusMissing(value)}"),
            PhoneNumberUtil.ValidationResult.INVALID_LENGTH => PhoneReading.Reject("phone_length", $"{shown} has a number of digits that no phone number of {of} has.{PlusMissing(value)}"),
            PhoneNumberUtil.ValidationResult.IS_POSSIBLE_LOCAL_ONLY => PhoneReading.Reject("phone_local_only", $"{shown} is a local number without its area code in {of}. Write it in full."),
            PhoneNumberUtil.ValidationResult.INVALID_COUNTRY_CODE => PhoneReading.Reject("phone_country_code", $"{shown} starts with a country code that does not exist."),
            PhoneNumberUtil.ValidationResult.IS_POSSIBLE => PhoneReading.Reject("phone_invalid", $"{shown} has the right length for {of}, but no phone number there begins like this.{PlusMissing(value)}"),
        };
    }

    private PhoneReading TooShort(string value, string shown, string of)
    {
        var digits = string.Concat(value.Where(char.IsAsciiDigit));
        if (digits.Length is > 1 and <= 8 && ShortNumbers.IsValidShortNumberForRegion(ShortNumber(digits), _country))
            return PhoneReading.Reject("phone_short_code", $"{shown} is a short code of {_country}; WhatsApp reaches full phone numbers only.");
        return PhoneReading.Reject("phone_too_short", $"{shown} is too short for a phone number of {of}.");
    }

    private PhoneNumber ShortNumber(string digits) => new PhoneNumber.Builder()
        .SetCountryCode(Numbers.GetCountryCodeForRegion(_country))
        .SetNationalNumber(ulong.Parse(digits, CultureInfo.InvariantCulture))
        .Build();

    // A list of numbers with country codes but without the plus is common, and a wrong default country makes all of it invalid.
    private static string PlusMissing(string value)
    {
        if (value[0] == '+') return "";
        try
        {
            var number = Numbers.Parse("+" + value, null);
            return Numbers.IsValidNumber(number)
                ? $" With a plus in front it would be a number of {Numbers.GetRegionCodeForNumber(number)}: write {Numbers.Format(number, PhoneNumberFormat.E164)} if that is meant."
                : "";
        }
        catch (NumberParseException)
        {
            return "";
        }
    }

    private static bool HasLetters(string value)
    {
        var start = value.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) ? 4 : 0; // a link copied from a page
        for (var i = start; i < value.Length; i++)
            if (char.IsLetter(value[i])) return true;
        return false;
    }

    private static string Shorten(string value) => (value.Length <= 40 ? value : value[..40] + "…").Replace('\0', '\u2400');
}
