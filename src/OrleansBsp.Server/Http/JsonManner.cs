using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OrleansBsp.Server.Http;

/// <summary>How this interface writes and reads JSON. The same for answers, requests, server-sent events and outbound webhooks.</summary>
/// <remarks>
/// <para>Written: camelCase; enums as camelCase words; times in UTC with <c>Z</c>; a null is written as <c>null</c>, so that every
/// answer of one kind has the same fields. (Problems are the exception: they leave out what does not apply.)</para>
/// <para>Read, strictly: field names in their exact case, no unknown or repeated fields, no numbers in strings, no comments,
/// no times without an offset. A parameter of a record that is neither nullable nor has a default must be present;
/// <c>string? Note</c> or <c>int Minutes = 5</c> may be left out. Keys of dictionaries are data and are never renamed.</para>
/// </remarks>
public static class JsonManner
{
    /// <summary>Options in this manner, for code outside a request. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Build();

    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        // Names are in Indian scripts and numbers start with a plus: escaping them doubles the size and hides the text. The answers
        // are never part of a page: they are application/json and carry nosniff.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new UtcTimeConverter());
        options.Converters.Add(new UtcDateTimeConverter());
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(RequireWhatCannotBeNull);
    }

    // RespectRequiredConstructorParameters would make `int? MaxPerSecond` required as well, and without either a missing
    // `string Name` arrives as null in a place that says it cannot be: a 500 instead of a 400.
    private static void RequireWhatCannotBeNull(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        foreach (var property in type.Properties)
            // Without a setter (anonymous types, which are only written) System.Text.Json allows no requirement.
            if (property is { Set: not null, AssociatedParameter: { HasDefaultValue: false, IsNullable: false } }) property.IsRequired = true;
    }

    private static JsonSerializerOptions Build()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Configure(options);
        options.MakeReadOnly();
        return options;
    }
}
