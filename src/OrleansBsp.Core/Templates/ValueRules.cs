using System.Buffers;
using System.Globalization;

namespace OrleansBsp.Core.Templates;

/// <summary>Applies a <see cref="ValueRule"/> to a cleaned value that is not empty.</summary>
internal static class ValueRules
{
    public const int Unlimited = int.MaxValue;
    public const int LongestCode = 15;
    public const int LongestUrl = 2000;
    public const int LongestPayload = 256;

    private static readonly SearchValues<char> Alphanumeric =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <param name="maxLength">In characters (UTF-16), of the value as it will be sent.</param>
    /// <param name="result">The value as it will be sent.</param>
    public static ValueProblem? Apply(ValueRule rule, string value, int maxLength, out string result)
    {
        result = value;
        var problem = rule switch
        {
            ValueRule.Text => null,
            ValueRule.UrlPart => EncodeUrl(value, out result),
            ValueRule.Link => CheckLink(value, out result),
            ValueRule.CouponCode => value.AsSpan().ContainsAnyExcept(Alphanumeric)
                ? new ValueProblem(ValueProblemCodes.NotAlphanumeric, "may only hold the letters A-Z and digits. Remove the other characters.")
                : null,
            ValueRule.Passcode => CheckPasscode(value),
            ValueRule.Latitude => CheckDegrees(value, 90, "latitude"),
            ValueRule.Longitude => CheckDegrees(value, 180, "longitude"),
            ValueRule.OfferEnd => OfferEnd.Parse(value, out result),
        };
        return problem ?? (result.Length > maxLength
            ? new ValueProblem(ValueProblemCodes.TooLong, $"has {result.Length} characters; at most {maxLength} fit here. Shorten it.")
            : null);
    }

    private static ValueProblem? EncodeUrl(string value, out string result)
    {
        result = UrlText.Encode(value);
        return null;
    }

    private static ValueProblem? CheckLink(string value, out string result)
    {
        result = UrlText.Encode(value);
        return UrlText.IsHttp(result)
            ? null
            : new ValueProblem(ValueProblemCodes.NotALink, "is not a public link. Give the full address, beginning with https://.");
    }

    /// <summary>Meta allows no URL and no emoji in it, so letters, digits, spaces and hyphens are what remains.</summary>
    private static ValueProblem? CheckPasscode(string value)
    {
        foreach (var c in value)
        {
            if (!char.IsLetterOrDigit(c) && c is not (' ' or '-'))
            {
                return new ValueProblem(ValueProblemCodes.NotAlphanumeric, "may only hold letters, digits, spaces and hyphens. Remove the other characters.");
            }
        }

        return null;
    }

    private static ValueProblem? CheckDegrees(string value, double most, string what) =>
        double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var degrees)
        && Math.Abs(degrees) <= most
            ? null
            : new ValueProblem(ValueProblemCodes.NotACoordinate, $"is not a {what}. Give degrees from -{most} to {most} with a decimal point, such as 12.97.");
}
