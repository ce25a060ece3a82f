namespace OrleansBsp.Core.PhoneNumbers;

/// <summary>Messages per second of Meta's throughput levels (reference 3.1). They count messages in both directions.</summary>
public static class Throughput
{
    public const int Standard = 80;
    public const int High = 1000;

    /// <summary>An unknown level counts as the standard one: too slow is better than refused.</summary>
    public static int Of(string level) => level == "HIGH" ? High : Standard;
}
