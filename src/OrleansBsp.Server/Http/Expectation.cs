using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace OrleansBsp.Server.Http;

/// <summary>What a value of a type looks like to a caller, in words: the second half of "X must be …".</summary>
internal static class Expectation
{
    /// <param name="range">The numbers that are taken, where they are fewer than the type can hold.</param>
    public static string Of(Type type, RangeAttribute? range = null)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}";
        if (type == typeof(string)) return "a string";
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(DateTimeOffset) || type == typeof(DateTime)) return "a time with its offset, like 2026-03-01T09:30:00Z";
        if (type == typeof(DateOnly)) return "a date like 2026-03-01";
        if (type == typeof(TimeOnly)) return "a time of day like 09:30:00";
        if (type == typeof(TimeSpan)) return "a length of time like 00:05:00";
        if (type == typeof(Guid)) return "a UUID";
        if (type == typeof(Uri)) return "a URL";
        if (type == typeof(decimal) || type == typeof(double) || type == typeof(float)) return "a number";
        if (WholeNumber(type) is { } all) return $"a whole number {(range is null ? all : $"from {range.Minimum} to {range.Maximum}")}";
        // Dictionaries, and JsonObject as one of them, are enumerable too, and are objects in JSON.
        if (Implements(type, typeof(IDictionary<,>)) || Implements(type, typeof(IReadOnlyDictionary<,>))) return "an object";
        if (typeof(IEnumerable).IsAssignableFrom(type)) return "an array";
        // CampaignId, PhoneNumberId, …: small values that travel as strings.
        return type.IsValueType && type.Name.EndsWith("Id", StringComparison.Ordinal) ? "an id as this interface gave it" : "an object";
    }

    private static string? WholeNumber(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => $"from {byte.MinValue} to {byte.MaxValue}",
        TypeCode.Int16 => $"from {short.MinValue} to {short.MaxValue}",
        TypeCode.UInt16 => $"from {ushort.MinValue} to {ushort.MaxValue}",
        TypeCode.Int32 => $"from {int.MinValue} to {int.MaxValue}",
        TypeCode.UInt32 => $"from {uint.MinValue} to {uint.MaxValue}",
        TypeCode.Int64 => $"from {long.MinValue} to {long.MaxValue}",
        TypeCode.UInt64 => $"from {ulong.MinValue} to {ulong.MaxValue}",
        _ => null,
    };

    private static bool Implements(Type type, Type open) =>
        type.GetInterfaces().Append(type).Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == open);
}
