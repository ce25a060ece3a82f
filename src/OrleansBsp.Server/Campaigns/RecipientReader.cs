using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// Reads a campaign's audience ahead of its release, in order, a page in hand and a page coming: memory does not grow with the audience.
/// </summary>
/// <remarks>Used by the release loop only.</remarks>
internal sealed class RecipientReader(long audience, int after, Database database)
{
    private const int PageSize = 2000;

    private readonly Queue<RecipientRow> _rows = new();
    private int _readThrough = after;
    private Task<List<RecipientRow>>? _next;
    private bool _atEnd;

    /// <summary>Up to <paramref name="count"/> recipients, in order of position; empty at the end of the audience.</summary>
    public async Task<List<RecipientRow>> PeekAsync(int count, CancellationToken cancel)
    {
        while (!_atEnd && _rows.Count < count)
        {
            // Forgotten before it is awaited: a page that could not be read is read anew, not awaited again.
            var page = _next ?? ReadAsync(_readThrough, cancel);
            _next = null;
            Take(await page);
        }

        if (!_atEnd && _next is null && _rows.Count < PageSize) _next = ReadAsync(_readThrough, cancel);
        return [.. _rows.Take(count)];
    }

    /// <summary>These have been released.</summary>
    public void Skip(int count)
    {
        for (; count > 0; count--) _rows.Dequeue();
    }

    private void Take(List<RecipientRow> page)
    {
        foreach (var row in page) _rows.Enqueue(row);
        if (page.Count > 0) _readThrough = page[^1].Position;
        _atEnd = page.Count < PageSize;
    }

    private async Task<List<RecipientRow>> ReadAsync(int from, CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(CampaignSql.ReadRecipients);
        command.Parameters.Add(new NpgsqlParameter<long>("audience", audience));
        command.Parameters.Add(new NpgsqlParameter<int>("after", from));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", PageSize));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var page = new List<RecipientRow>(PageSize);
        while (await reader.ReadAsync(cancel))
            page.Add(new RecipientRow(reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<string[]>(2)));
        return page;
    }
}
