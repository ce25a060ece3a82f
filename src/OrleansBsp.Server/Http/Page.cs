namespace OrleansBsp.Server.Http;

/// <summary>An answer with a part of a list. <paramref name="NextCursor"/> is null on the last page, never on another.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Makes pages.</summary>
public static class Page
{
    /// <summary>
    /// A page from rows that were read with <c>limit <see cref="PageRequest.RowsToRead"/></c>: one more than is shown, which is how
    /// the last page is known without counting.
    /// </summary>
    /// <param name="cursor">The position after a row: what the next statement's <c>where (a, b) &gt; (…)</c> needs, as a small record.</param>
    public static Page<TItem> Of<TRow, TItem, TCursor>(
        IReadOnlyList<TRow> rows, PageRequest request, Func<TRow, TItem> item, Func<TRow, TCursor> cursor)
    {
        var more = rows.Count > request.Limit;
        var shown = more ? request.Limit : rows.Count;
        var items = new TItem[shown];
        for (var i = 0; i < shown; i++) items[i] = item(rows[i]);
        return new Page<TItem>(items, more ? Cursor.Encode(cursor(rows[shown - 1])) : null);
    }
}
