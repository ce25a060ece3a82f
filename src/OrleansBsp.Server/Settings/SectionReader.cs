using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace OrleansBsp.Server.Settings;

/// <summary>
/// Compares what is configured in a section with the options class that is bound to it: types, and the rules that stand on the properties. The binder itself ends at
/// the first value that it cannot read, names neither the variable nor what would be right, and ignores names that it does not know.
/// </summary>
internal sealed class SectionReader
{
    /// <summary>A sentence for each value that cannot be used, with name and value. Only values with a type or a rule are looked at: no secret has one.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>A sentence for each name that means nothing. Without its value: it may be a secret with a slip in its name.</summary>
    public List<string> Unknown { get; } = [];

    public void Read(IConfigurationSection section, Type options)
    {
        foreach (var given in section.GetChildren())
        {
            if (options.GetProperty(given.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is not { } property)
                Unknown.Add(SettingNames.Unknown(given, section.Path, [.. options.GetProperties().Select(known => known.Name)]));
            else if (IsSection(property.PropertyType)) Read(given, property.PropertyType);
            else if (given.Value is { } value && RuleOrNull(property, value) is { } rule) Wrong.Add($"{SettingNames.OfVariable(given.Path)}={value}: it must be {rule}.");
        }
    }

    private static bool IsSection(Type type) => type.IsClass && type.Assembly == typeof(SectionReader).Assembly;

    /// <returns>What the value breaks; null: nothing.</returns>
    private static string? RuleOrNull(PropertyInfo property, string value)
    {
        object? read;
        try
        {
            read = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(value);
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return Form(property.PropertyType);
        }

        if (property.PropertyType.IsEnum && !Enum.IsDefined(property.PropertyType, read!)) return Form(property.PropertyType);
        return property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => !rule.IsValid(read)) is { } broken ? Text(broken) : null;
    }

    private static string Form(Type type) => type switch
    {
        { IsEnum: true } => string.Join(" or ", Enum.GetNames(type)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(Uri) => WebAddressAttribute.Form,
        _ => "a whole number",
    };

    private static string Text(ValidationAttribute rule) => rule switch
    {
        RangeAttribute { Maximum: int.MaxValue or long.MaxValue } range => $"{range.Minimum} or more",
        RangeAttribute range => $"{range.Minimum} to {range.Maximum}",
        _ => rule.ErrorMessage!,
    };
}
