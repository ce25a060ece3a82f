namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>What a phone cell says: a number, or a code and a message why it is none.</summary>
/// <param name="Phone">E.164 without the plus; 0 if it was rejected.</param>
/// <param name="Code">Null if it was accepted.</param>
/// <param name="Message">Null if it was accepted.</param>
public readonly record struct PhoneReading(long Phone, string? Code, string? Message)
{
    public static PhoneReading Accept(long phone) => new(phone, null, null);

    public static PhoneReading Reject(string code, string message) => new(0, code, message);
}
