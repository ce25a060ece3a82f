namespace OrleansBsp.Core.Templates;

/// <summary>What a parameter's value must be like, beyond clean and not empty (reference 1.8).</summary>
internal enum ValueRule
{
    /// <summary>Any text, such as a body variable.</summary>
    Text,

    /// <summary>The end of a button's URL.</summary>
    UrlPart,

    /// <summary>A whole public URL, such as a header image.</summary>
    Link,
    CouponCode,

    /// <summary>The code of an authentication template.</summary>
    Passcode,
    Latitude,
    Longitude,

    /// <summary>End of a limited-time offer; the value becomes milliseconds since the epoch.</summary>
    OfferEnd,
}

/// <summary>Why a value breaks its rule; <paramref name="Complaint"/> continues the sentence that begins with the value.</summary>
internal readonly record struct ValueProblem(string Code, string Complaint);
