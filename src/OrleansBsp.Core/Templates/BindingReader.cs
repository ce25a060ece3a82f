using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>Reads single bindings and keeps the list of errors that a whole <c>parameters</c> object collects.</summary>
internal sealed class BindingReader
{
    public List<BindingError> Errors { get; } = [];

    public void Error(string pointer, string code, string message) => Errors.Add(new BindingError(pointer, code, message));

    /// <summary>The members of an object, with an error for something else and for each repeated key.</summary>
    public List<JsonProperty> Members(JsonElement element, string pointer, string what)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Error(pointer, BindingErrorCodes.WrongType, $"{what} must be an object, but is {Describe(element)}.");
            return [];
        }

        var members = new List<JsonProperty>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            if (seen.Add(member.Name))
            {
                members.Add(member);
            }
            else
            {
                Error(Join(pointer, member.Name), BindingErrorCodes.DuplicateKey, $"\"{member.Name}\" is given twice. Remove one of them.");
            }
        }

        return members;
    }

    /// <summary>Reads <c>{"column", "fallback"?}</c> or <c>{"value"}</c>; null after an error.</summary>
    public Binding? Read(JsonElement element, string pointer)
    {
        if (element.ValueKind is JsonValueKind.String or JsonValueKind.Number)
        {
            Error(pointer, BindingErrorCodes.WrongType,
                $"A binding must be an object, but is {Describe(element)}. Write {{\"value\": {Shorten(element.GetRawText())}}} for a constant.");
            return null;
        }

        var before = Errors.Count;
        string? column = null, fallback = null, value = null;
        foreach (var member in Members(element, pointer, "A binding"))
        {
            switch (member.Name)
            {
                case "column":
                    column = Text(member, pointer);
                    break;
                case "fallback":
                    fallback = member.Value.ValueKind == JsonValueKind.Null ? null : Text(member, pointer);
                    break;
                case "value":
                    value = Text(member, pointer);
                    break;
                default:
                    Unknown(pointer, member.Name, "A binding", "column, fallback, value");
                    break;
            }
        }

        return Errors.Count > before ? null : Build(pointer, column, fallback, value);
    }

    /// <summary>As <see cref="Read"/>, but a bare string or number is a constant: for details such as a file name.</summary>
    public Binding? ReadOrConstant(JsonElement element, string pointer) =>
        element.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? Build(pointer, null, null, AsText(element))
            : Read(element, pointer);

    public void Unknown(string pointer, string key, string what, string known) =>
        Error(Join(pointer, key), BindingErrorCodes.UnknownKey, $"{what} has no \"{key}\". Known are: {known}.");

    public static string Join(string pointer, string key) => $"{pointer}/{JsonReading.PointerToken(key)}";

    public static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Null => "null",
        JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => Shorten(element.GetRawText()),
    };

    public static string Shorten(string value) => value.Length <= 60 ? value : string.Concat(value.AsSpan(0, 57), "...");

    private Binding? Build(string pointer, string? column, string? fallback, string? value)
    {
        if ((column is null) == (value is null))
        {
            Error(pointer, BindingErrorCodes.BadBinding, column is null
                ? "The binding has neither \"column\" nor \"value\". Give one of them."
                : "The binding has both \"column\" and \"value\". Remove one of them; a value may name columns as {{column}}.");
            return null;
        }

        if (column is not null)
        {
            return BuildColumn(pointer, column, fallback);
        }

        if (fallback is not null)
        {
            Error(Join(pointer, "fallback"), BindingErrorCodes.BadBinding,
                $"\"fallback\" ({Shorten(fallback)}) belongs to \"column\", not to \"value\". Remove it, or bind the column directly.");
            return null;
        }

        if (!Placeholders.TryCut(value!, out var parts, out var problem))
        {
            Error(pointer, BindingErrorCodes.BadPlaceholder, problem);
            return null;
        }

        if (ParameterText.Clean(value).Length == 0)
        {
            Error(pointer, BindingErrorCodes.BadBinding,
                "The value is empty, which Meta refuses. Give a text, or remove the variable from the template.");
            return null;
        }

        return new Binding(pointer, parts, null);
    }

    private Binding? BuildColumn(string pointer, string column, string? fallback)
    {
        if (string.IsNullOrWhiteSpace(column))
        {
            Error(pointer, BindingErrorCodes.BadBinding, "The column's name is empty. Give the name of a column of the audience.");
            return null;
        }

        // A fallback is taken literally; braces in it are a misunderstanding that would reach customers.
        if (fallback is not null && fallback.Contains("{{", StringComparison.Ordinal))
        {
            Error(Join(pointer, "fallback"), BindingErrorCodes.BadPlaceholder,
                $"The fallback \"{Shorten(fallback)}\" holds a placeholder, but a fallback must be a constant.");
            return null;
        }

        // An empty fallback is what a form sends for "none".
        return new Binding(pointer, [new BindingPart(null, column)], string.IsNullOrWhiteSpace(fallback) ? null : fallback);
    }

    private string? Text(JsonProperty member, string pointer)
    {
        if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
        {
            return AsText(member.Value);
        }

        Error(Join(pointer, member.Name), BindingErrorCodes.WrongType, $"\"{member.Name}\" must be a text, but is {Describe(member.Value)}.");
        return null;
    }

    private static string AsText(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();
}
