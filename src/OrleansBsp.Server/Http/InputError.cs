using System.Text.Json.Serialization;

namespace OrleansBsp.Server.Http;

/// <summary>One thing that is wrong with what the caller sent. Exactly one of pointer, row and column says where, or none for the whole.</summary>
/// <param name="Code">A stable word for programs, in kebab-case: <c>missing</c>, <c>unknown-field</c>, <c>wrong-type</c>, …</param>
/// <param name="Message">For people: what was wrong, with the value, and what to do.</param>
public sealed record InputError(string Code, string Message)
{
    /// <summary>
    /// <c>#/a/b/0</c>: a field of the JSON body (the fragment form that RFC 9457 shows); <c>?limit</c>: a query parameter;
    /// <c>{id}</c>: a part of the path, named as in the OpenAPI document; <c>Idempotency-Key:</c>: a header.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-3)]
    public string? Pointer { get; init; }

    /// <summary>A row of an uploaded file, counted as a spreadsheet shows it: 1 is the header.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-2)]
    public long? Row { get; init; }

    /// <summary>A column of an uploaded file, by its name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public string? Column { get; init; }

    /// <param name="pointer">A JSON Pointer, with or without the leading <c>#</c>: <c>/template/name</c>.</param>
    public static InputError At(string pointer, string code, string message) =>
        new(code, message) { Pointer = pointer.StartsWith('/') ? "#" + pointer : pointer };

    public static InputError Query(string parameter, string code, string message) => new(code, message) { Pointer = "?" + parameter };

    public static InputError Path(string parameter, string code, string message) => new(code, message) { Pointer = "{" + parameter + "}" };

    public static InputError Header(string header, string code, string message) => new(code, message) { Pointer = header + ":" };

    public static InputError InRow(long row, string code, string message) => new(code, message) { Row = row };

    public static InputError InColumn(string column, string code, string message) => new(code, message) { Column = column };
}
