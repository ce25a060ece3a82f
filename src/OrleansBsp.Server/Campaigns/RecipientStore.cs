using System.Globalization;
using CsvHelper;
using Dapper;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Campaigns.Audience;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>A recipient with what became of the message.</summary>
/// <param name="Values">The row of the file, by column.</param>
/// <param name="State">One of those that the list can be asked for.</param>
/// <param name="Reason">Why it stands where it stands, in Meta's words or ours.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record RecipientView(
    int Position, string Phone, IReadOnlyDictionary<string, string> Values, string State, int Attempt, int? ErrorCode, string? Reason, string? Advice,
    DateTime? AcceptedAt, DateTime? SentAt, DateTime? DeliveredAt, DateTime? ReadAt, DateTime? FailedAt);

/// <param name="What">attempt outcome or status.</param>
public sealed record TimelineEntry(DateTime At, string What, int? Attempt, int? ErrorCode, string? Detail);

public sealed record RecipientDetail(RecipientView Recipient, string? Wamid, string? WaId, IReadOnlyList<TimelineEntry> Timeline);

/// <summary>Reads recipients for screens and exports.</summary>
public sealed class RecipientStore(Database database)
{
    private const int CsvPage = 5000;

    public async Task<List<RecipientView>> ListAsync(CampaignId campaign, int after, string? state, string? search, int limit, CancellationToken cancel)
    {
        var digits = search is null ? null : new string([.. search.Where(char.IsAsciiDigit)]);
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<Row>(new(RecipientSql.List, new
        {
            id = campaign.Value, after, limit,
            state = state is null ? (short?)null : (short?)RecipientStates.StateOf(state),
            notReleased = state == RecipientStates.NotReleased,
            inFlight = state == RecipientStates.Name(MessageState.InFlight),
            cancelled = state == RecipientStates.Name(MessageState.Cancelled),
            phone = long.TryParse(digits, out var phone) ? phone : (long?)null,
        }, cancellationToken: cancel));
        return [.. rows.Select(View)];
    }

    public async Task<RecipientDetail?> FindAsync(CampaignId campaign, int position, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var arguments = new { id = campaign.Value, position };
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new(RecipientSql.Find, arguments, cancellationToken: cancel));
        if (row is null) return null;
        var attempts = await connection.QueryAsync<TimelineEntry>(new(RecipientSql.Attempts, arguments, cancellationToken: cancel));
        var view = View(row);
        return new RecipientDetail(view, row.Wamid, row.WaId?.ToString(CultureInfo.InvariantCulture), [.. Timeline(view, attempts).OrderBy(entry => entry.At)]);
    }

    /// <summary>Streams every recipient with the file's columns and the outcome.</summary>
    public async Task WriteCsvAsync(CampaignId campaign, Stream output, CancellationToken cancel)
    {
        await using var csv = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true }, leaveOpen: true);
        string[]? columns = null;
        for (var after = 0; ;)
        {
            var page = await ListAsync(campaign, after, null, null, CsvPage, cancel);
            if (columns is null)
            {
                columns = page.Count == 0 ? [] : [.. page[0].Values.Keys];
                await csv.WriteRecordAsync(["position", "phone", .. columns, "state", "attempt", "errorCode", "reason", "acceptedAt", "sentAt", "deliveredAt", "readAt", "failedAt"], cancel);
            }

            foreach (var recipient in page) await csv.WriteRecordAsync(Cells(columns, recipient), cancel);
            await csv.FlushAsync(cancel);
            if (page.Count < CsvPage) return;
            after = page[^1].Position;
        }
    }

    private static string[] Cells(string[] columns, RecipientView recipient) =>
    [
        Text(recipient.Position),
        recipient.Phone[1..], // without the plus, which a spreadsheet would take for a formula
        .. columns.Select(column => FormulaGuard.Cell(recipient.Values.GetValueOrDefault(column, ""))),
        recipient.State, Text(recipient.Attempt), Text(recipient.ErrorCode), FormulaGuard.Cell(recipient.Reason ?? ""),
        .. ((DateTime?[])[recipient.AcceptedAt, recipient.SentAt, recipient.DeliveredAt, recipient.ReadAt, recipient.FailedAt])
            .Select(time => time?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? ""),
    ];

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static IEnumerable<TimelineEntry> Timeline(RecipientView view, IEnumerable<TimelineEntry> attempts)
    {
        foreach (var attempt in attempts) yield return attempt;
        if (view.AcceptedAt is { } accepted) yield return new(accepted, "accepted", view.Attempt, null, null);
        if (view.SentAt is { } sent) yield return new(sent, "sent", null, null, null);
        if (view.DeliveredAt is { } delivered) yield return new(delivered, "delivered", null, null, null);
        if (view.ReadAt is { } read) yield return new(read, "read", null, null, null);
        if (view.FailedAt is { } failed) yield return new(failed, "failed", null, view.ErrorCode, view.Reason);
    }

    private static RecipientView View(Row row)
    {
        var values = new Dictionary<string, string>();
        for (var index = 0; index < row.Columns.Length; index++) values[row.Columns[index]] = row.Values[index];
        var state = row.State is { } stored ? RecipientStates.Name((MessageState)stored)
            : row.Position <= row.ReleasedThrough ? RecipientStates.Name(MessageState.InFlight)
            : row.CampaignState == "cancelled" ? RecipientStates.Name(MessageState.Cancelled)
            : RecipientStates.NotReleased;
        var rule = row.ErrorCode is { } code ? MetaErrorTable.ForFailed(code) : null;
        return new RecipientView(
            row.Position, $"+{row.Phone}", values, state, row.Attempt ?? 0, row.ErrorCode, row.ErrorDetail ?? rule?.Title, rule?.Advice,
            row.AcceptedAt, row.SentAt, row.DeliveredAt, row.ReadAt, row.FailedAt);
    }

    private sealed class Row
    {
        public int Position { get; set; }
        public long Phone { get; set; }
        public string[] Values { get; set; } = [];
        public string[] Columns { get; set; } = [];
        public int ReleasedThrough { get; set; }
        public string CampaignState { get; set; } = "";
        public short? State { get; set; }
        public short? Attempt { get; set; }
        public int? ErrorCode { get; set; }
        public string? ErrorDetail { get; set; }
        public string? Wamid { get; set; }
        public long? WaId { get; set; }
        public DateTime? AcceptedAt { get; set; }
        public DateTime? SentAt { get; set; }
        public DateTime? DeliveredAt { get; set; }
        public DateTime? ReadAt { get; set; }
        public DateTime? FailedAt { get; set; }
    }
}
