using FsCheck.Xunit;
using OrleansBsp.Server.Campaigns.Audience;
using PhoneNumbers;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

public sealed class PhoneNormaliserTests
{
    private static readonly PhoneNumberUtil Numbers = PhoneNumberUtil.GetInstance();

    [Theory]
    [InlineData("+91 98765 43210")]
    [InlineData("+919876543210")]
    [InlineData("9876543210")]
    [InlineData("09876543210")]
    [InlineData("00919876543210")]
    [InlineData("0091 98765-43210")]
    [InlineData("919876543210")]
    [InlineData("91 98765 43210")]
    [InlineData("(98765) 43210")]
    [InlineData("98765.43210")]
    [InlineData("+91-98765-43210")]
    [InlineData("  98765 43210 ")]
    [InlineData("\u00A098765\u00A043210")]
    [InlineData("\u202A+91 98765 43210\u202C")]
    [InlineData("९८७६५४३२१०")]
    [InlineData("９８７６５４３２１０")]
    [InlineData("＋91 98765 43210")]
    [InlineData("tel:+919876543210")]
    public void Read_OneNumberInManyShapes_IsOneNumber(string cell) => Assert.Equal(PhoneReading.Accept(919876543210), India.Read(cell));

    [Theory]
    [InlineData("022 2778 2183", 912227782183)] // a landline: WhatsApp Business runs on them
    [InlineData("1800 11 1363", 911800111363)]
    [InlineData("+1 650-253-0000", 16502530000)]
    [InlineData("+39 06 698 12345", 390669812345)] // Italy keeps its zero
    [InlineData("+44 20 7031 3000", 442070313000)]
    [InlineData("+55 11 96123-4567", 5511961234567)]
    public void Read_LandlinesAndOtherCountries_AreTaken(string cell, long phone) => Assert.Equal(PhoneReading.Accept(phone), India.Read(cell));

    [Theory]
    [InlineData("", "phone_empty", "The phone number is empty.")]
    [InlineData("abc", "phone_not_a_number", "\"abc\" is not a phone number (default country IN).")]
    [InlineData("#N/A", "phone_not_a_number", "\"#N/A\" is not a phone number (default country IN).")]
    [InlineData("-", "phone_not_a_number", "\"-\" is not a phone number (default country IN).")]
    [InlineData("12345", "phone_too_short", "\"12345\" is too short for a phone number of IN (+91).")]
    [InlineData("112", "phone_short_code", "\"112\" is a short code of IN; WhatsApp reaches full phone numbers only.")]
    [InlineData("98765432101234", "phone_too_long", "\"98765432101234\" is too long for a phone number of IN (+91).")]
    [InlineData("123456789012345678901", "phone_too_long", "\"123456789012345678901\" has too many digits for any country (default country IN).")]
    [InlineData("1000000000", "phone_invalid", "\"1000000000\" has the right length for IN (+91), but no phone number there begins like this.")]
    [InlineData("+91 1000000000", "phone_invalid", "\"+91 1000000000\" has the right length for IN (+91), but no phone number there begins like this.")]
    [InlineData("+1 650 253", "phone_too_short", "\"+1 650 253\" is too short for a phone number of US (+1).")]
    [InlineData("+999 1234567", "phone_country_code", "\"+999 1234567\" starts with a country code that does not exist.")]
    [InlineData("9876543210 ext 12", "phone_extension", "\"9876543210 ext 12\" has an extension or holds a second number; WhatsApp reaches whole numbers only, one per row.")]
    [InlineData("9876543210x12", "phone_extension", "\"9876543210x12\" has an extension or holds a second number; WhatsApp reaches whole numbers only, one per row.")]
    [InlineData("1800-FLOWERS", "phone_letters", "\"1800-FLOWERS\" has letters in it. Write the number in digits.")]
    [InlineData("mobile 9876543210", "phone_letters", "\"mobile 9876543210\" has letters in it. Write the number in digits.")]
    [InlineData("9.19877E+11", "phone_scientific", "\"9.19877E+11\" was rounded by a spreadsheet and its digits are lost. Format the column as a number without decimals or as text, and export it again.")]
    [InlineData("9876543210.0", "phone_decimal", "\"9876543210.0\" was exported as a number with decimals. Format the column as text, and export it again.")]
    [InlineData("'9876543210", "phone_apostrophe", "\"'9876543210\" starts with the apostrophe that marks text in a spreadsheet. Remove it.")]
    public void Read_NoNumber_SaysWhy(string cell, string code, string message) => Assert.Equal(PhoneReading.Reject(code, message), India.Read(cell));

    [Theory]
    [InlineData("9876543210, 9876543211")]
    [InlineData("9876543210/9876543211")]
    [InlineData("9876543210 / 9876543211")]
    [InlineData("9876543210;9876543211")]
    [InlineData("9876543210 or 9876543211")]
    [InlineData("9876543210 9876543211")]
    public void Read_TwoNumbersInACell_IsRejected(string cell) => Assert.NotNull(India.Read(cell).Code);

    [Fact]
    public void Read_InternationalWithoutPlusInAnotherCountry_SaysWhatIsMissing()
    {
        var reading = PhoneNormaliser.ForCountryOrNull("US")!.Read("919876543210");

        Assert.Equal("phone_too_long", reading.Code);
        Assert.Equal("\"919876543210\" is too long for a phone number of US (+1). With a plus in front it would be a number of IN: write +919876543210 if that is meant.", reading.Message);
    }

    [Theory]
    [InlineData("IN", true)]
    [InlineData("in", true)]
    [InlineData("GG", true)]
    [InlineData("ZZ", false)]
    [InlineData("001", false)]
    [InlineData("IND", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void ForCountry_OnlyCountries(string? country, bool known) => Assert.Equal(known, PhoneNormaliser.ForCountryOrNull(country) is not null);

    [Fact]
    public void Read_ExamplesOfEveryCountryInEveryFormat_AreThatNumber()
    {
        foreach (var country in Numbers.GetSupportedRegions())
        {
            var phones = PhoneNormaliser.ForCountryOrNull(country)!;
            foreach (var type in new[] { PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE })
            {
                if (Numbers.GetExampleNumberForType(country, type) is not { } number) continue;
                var expected = PhoneReading.Accept(long.Parse(Numbers.Format(number, PhoneNumberFormat.E164).AsSpan(1)));
                foreach (var format in new[] { PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL })
                    Assert.Equal((country, format, expected), (country, format, phones.Read(Numbers.Format(number, format))));
            }
        }
    }

    /// <summary>libphonenumber decides: what we accept is what it calls valid, and is the number that it reads.</summary>
    [Property(MaxTest = 2_000)]
    public bool Read_RandomDigits_AgreesWithLibphonenumber(int country, ulong digits, byte length, byte shape)
    {
        var regions = Numbers.GetSupportedRegions().Order(StringComparer.Ordinal).ToArray();
        var region = regions[(uint)country % regions.Length];
        var national = (digits % 1_000_000_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture).PadRight(5 + (length % 9), '7');
        var cell = (shape % 4) switch { 0 => national, 1 => "0" + national, 2 => $"+{Numbers.GetCountryCodeForRegion(region)} {national}", _ => $"{Numbers.GetCountryCodeForRegion(region)}{national}" };

        var reading = PhoneNormaliser.ForCountryOrNull(region)!.Read(cell);

        var number = ParseOrNull(cell, region);
        if (number is null || !Numbers.IsValidNumber(number)) return reading.Phone == 0 && reading.Message!.Contains(cell, StringComparison.Ordinal);
        var e164 = Numbers.Format(number, PhoneNumberFormat.E164);
        return e164.Length > 16 ? reading.Code == "phone_too_long" : reading.Phone == long.Parse(e164.AsSpan(1));
    }

    private static PhoneNormaliser India => PhoneNormaliser.ForCountryOrNull("IN")!;

    private static PhoneNumber? ParseOrNull(string cell, string region)
    {
        try
        {
            return Numbers.Parse(cell, region);
        }
        catch (NumberParseException)
        {
            return null;
        }
    }
}
