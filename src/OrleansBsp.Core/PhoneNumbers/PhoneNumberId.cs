namespace OrleansBsp.Core.PhoneNumbers;

/// <summary>Meta's id of a business phone number (not the number itself): digits, kept as text.</summary>
public readonly record struct PhoneNumberId(string Value)
{
    public override string ToString() => Value;
}
