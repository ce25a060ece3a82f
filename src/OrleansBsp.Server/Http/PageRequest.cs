using System.Globalization;
using System.Reflection;

namespace OrleansBsp.Server.Http;

/// <summary>
/// <c>?limit=&amp;cursor=</c> of a list. As a parameter of a handler it binds itself, refuses bad values with 400 and makes the two
/// names known for the check of query parameters and for the OpenAPI document.
/// </summary>
/// <param name="Limit">Items wanted: 1 to 200, 50 if not given.</param>
/// <param name="Cursor"><c>nextCursor</c> of the page before; null for the first page.</param>
public sealed record PageRequest(int Limit, string? Cursor) : Microsoft.AspNetCore.Http.Metadata.IEndpointParameterMetadataProvider
{
    public const int MaxLimit = 200;
    public const int DefaultLimit = 50;

    /// <summary>For the statement's <c>limit</c>: one more than is shown (see <see cref="Page.Of"/>).</summary>
    public int RowsToRead => Limit + 1;

    /// <summary>The position to go on after; false on the first page.</summary>
    /// <exception cref="ProblemException">400: the cursor is not one that this list has given out.</exception>
    public bool TryGetPosition<T>(out T position)
    {
        position = default!;
        if (Cursor is null) return false;
        return Http.Cursor.TryDecode(Cursor, out position) ? true : throw new ProblemException(BadCursor(Cursor));
    }

    public static ValueTask<PageRequest> BindAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = DefaultLimit;
        var errors = new List<InputError>();
        if (query.TryGetValue("limit", out var given)
            && !(int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
            errors.Add(InputError.Query("limit", "out-of-range", $"limit must be a whole number from 1 to {MaxLimit}, but was '{given}'."));
        if (query.TryGetValue("cursor", out var cursor) && (cursor.Count > 1 || string.IsNullOrEmpty(cursor)))
            errors.Add(InputError.Query("cursor", "bad-cursor", "cursor must be the nextCursor of the page before; leave it out for the first page."));
        if (errors.Count > 0) throw new ProblemException(Problems.BadInput(errors[0].Message, errors));
        return ValueTask.FromResult(new PageRequest(limit, cursor));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new QueryParameters(
            new QueryParameter("limit", $"Items wanted, 1 to {MaxLimit}. Default {DefaultLimit}."),
            new QueryParameter("cursor", "nextCursor of the page before; leave it out for the first page.")));

    private static ProblemResult BadCursor(string cursor) => Problems.BadInput(InputError.Query(
        "cursor", "bad-cursor", $"'{(cursor.Length > 40 ? cursor[..40] + "…" : cursor)}' is not a cursor of this list. Use nextCursor as it was given, or leave it out."));
}
