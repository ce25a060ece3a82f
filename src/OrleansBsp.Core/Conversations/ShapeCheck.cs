using System.Text.Json;
using OrleansBsp.Core.Templates;

namespace OrleansBsp.Core.Conversations;

/// <summary>Holds a JSON value against its shape and collects all that is wrong.</summary>
internal sealed class ShapeCheck
{
    private readonly List<MessageProblem> _problems = [];

    /// <param name="pointer">Where the value stands in the message.</param>
    public static IReadOnlyList<MessageProblem> Check(Shape shape, JsonElement value, string pointer)
    {
        var check = new ShapeCheck();
        check.Value(shape, value, pointer);
        return check._problems;
    }

    private void Value(Shape shape, JsonElement value, string pointer)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Text:
                Text(shape, value, pointer);
                break;
            case ShapeKind.Link:
                if (value.ValueKind != JsonValueKind.String || !UrlText.IsHttp(UrlText.Encode(value.TextOrNull() ?? "")))
                {
                    Add(pointer, ValueProblemCodes.NotALink, value, "must be a public link", "Give the full address, beginning with https://.");
                }

                break;
            case ShapeKind.Degrees:
                Degrees(shape, value, pointer);
                break;
            case ShapeKind.Flag:
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                {
                    Add(pointer, "wrong-type", value, "must be true or false");
                }

                break;
            case ShapeKind.List:
                List(shape, value, pointer);
                break;
            case ShapeKind.Object:
                Object(shape, value, pointer);
                break;
        }
    }

    private void Text(Shape shape, JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.String || value.TextOrNull() is not { } text)
        {
            Add(pointer, "wrong-type", value, "must be a text");
            return;
        }

        // Meta counts characters, and what it takes for one beyond the basic plane is not documented: only what is too long by any count is certain.
        var length = text.Length <= shape.Max ? text.Length : text.EnumerateRunes().Count();
        if (length < shape.Min)
        {
            Add(pointer, "bad-length", $"{Name(pointer)} is empty. Give a text, or leave the field out if it is not needed.");
        }
        else if (length > shape.Max)
        {
            Add(pointer, "bad-length", $"{Name(pointer)} has {length} characters; Meta takes {shape.Max} at most. Shorten it.");
        }
    }

    private void Degrees(Shape shape, JsonElement value, string pointer)
    {
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind == JsonValueKind.String ? value.TextOrNull() : null;
        var rule = shape.Max == 90 ? ValueRule.Latitude : ValueRule.Longitude;
        if (ValueRules.Apply(rule, text ?? "", ValueRules.Unlimited, out _) is { } problem)
        {
            Add(pointer, problem.Code, $"{Name(pointer)}, {BindingReader.Describe(value)}, {problem.Complaint}");
        }
    }

    private void List(Shape shape, JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Add(pointer, "wrong-type", value, "must be an array");
            return;
        }

        var items = value.Items();
        if (items.Length < shape.Min || items.Length > shape.Max)
        {
            Add(pointer, "out-of-range", $"{Name(pointer)} must have {shape.Min} to {shape.Max} items, but has {items.Length}.");
            return;
        }

        for (var i = 0; i < items.Length; i++)
        {
            Value(shape.Item!, items[i], $"{pointer}/{i}");
        }
    }

    private void Object(Shape shape, JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Add(pointer, "wrong-type", value, $"must be an object with {Known(shape)}");
            return;
        }

        foreach (var field in shape.Fields)
        {
            if (value.ElementOrDefault(field.Name) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } given)
            {
                Value(field.Shape, given, $"{pointer}/{field.Name}");
            }
            else if (field.IsRequired)
            {
                Add($"{pointer}/{field.Name}", "missing", $"{Name(pointer)}.{field.Name} is missing.");
            }
        }

        if (!shape.IsOpen)
        {
            foreach (var member in value.EnumerateObject().Where(member => shape.Fields.All(field => field.Name != member.Name)))
            {
                Add(BindingReader.Join(pointer, member.Name), "unknown-field", $"{Name(pointer)} has no field \"{BindingReader.Shorten(member.Name)}\". Known: {Known(shape)}.");
            }
        }

        var chosen = shape.OneOf.Count(name => value.ElementOrDefault(name).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null));
        if (shape.OneOf.Count > 0 && chosen != 1)
        {
            Add(pointer, "one-of", $"{Name(pointer)} has {(chosen == 0 ? "none" : "more than one")} of {string.Join(", ", shape.OneOf)}. Give exactly one of them.");
        }
    }

    private void Add(string pointer, string code, JsonElement value, string must, string remedy = "") =>
        Add(pointer, code, $"{Name(pointer)} {must}, but is {BindingReader.Describe(value)}.{(remedy.Length == 0 ? "" : " ")}{remedy}");

    private void Add(string pointer, string code, string message) => _problems.Add(new MessageProblem(pointer, code, message));

    private static string Name(string pointer) => pointer[1..].Replace('/', '.');

    private static string Known(Shape shape) => string.Join(", ", shape.Fields.Select(field => field.Name));
}
