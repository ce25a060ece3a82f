using System.Data;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Webhooks;
using OrleansBsp.Simulator.Ledgers;
using Xunit.Sdk;
using MetaState = OrleansBsp.Simulator.Fates.MessageState;

namespace OrleansBsp.Testing;

/// <summary>
/// The end of every scenario: what the server believes of a campaign, message by message, must be what happened at Meta, and its
/// counters must be what its rows say.
/// </summary>
public static class Reckoning
{
    /// <summary>Waits until every webhook is delivered and applied, then compares; returns the campaign.</summary>
    public static async Task<CampaignView> ReckonAsync(this Stage stage, string campaign)
    {
        await stage.WaitUntilWebhooksAppliedAsync();
        var view = await stage.Api.CampaignAsync(campaign);
        Assert.True(view.Books.Balance, $"The books do not balance: {view.Books}");

        var rows = await CountersEqualRowsAsync(stage, campaign);
        BooksEqualRows(view, rows);
        await RowsEqualLedgerAsync(stage, campaign, rows);
        await EventsEqualRowsAsync(stage, campaign, rows);
        return view;
    }

    /// <summary>The counters of a campaign and its rows change together: whoever looks at one moment, also while receipts come in, sees them equal.</summary>
    /// <returns>The rows, by position.</returns>
    public static async Task<IReadOnlyDictionary<int, Row>> CountersEqualRowsAsync(this Stage stage, string campaign)
    {
        await using var connection = await stage.Database.OpenConnectionAsync();
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var run = await ReadRunAsync(connection, campaign);
        var rows = await ReadRowsAsync(connection, campaign);
        CountersEqualRows(run, rows);
        return rows;
    }

    /// <summary>Nothing is on its way any more: all webhooks are acknowledged, and all that were acknowledged are applied.</summary>
    /// <remarks>Meta's clock goes a minute forward: people read after seconds, and nobody here has to wait for them.</remarks>
    public static async Task WaitUntilWebhooksAppliedAsync(this Stage stage)
    {
        stage.Meta.AdvanceClock(TimeSpan.FromMinutes(1));
        Assert.True(await stage.Meta.WaitForWebhooksDelivered(Wait.Long), $"Webhooks were not delivered: {stage.Meta.WebhookFigures}");
        Assert.Equal(0, stage.Meta.WebhookFigures.GivenUp);
        if (stage.Queues is { } queues) await WaitUntilMovedAsync(queues);
        await Wait.UntilAsync(async () =>
        {
            await using var command = stage.Database.CreateCommand("""
                select coalesce(sum(h.last_offset - c."offset"), 0)::bigint from inbox_head h join inbox_cursor c on c.shard = h.shard
                """);
            return (long)(await command.ExecuteScalarAsync())!;
        }, waiting => waiting == 0, "every webhook in the inbox is applied", Wait.Long);
    }

    // What a lost process had received is moved by another when it comes again.
    private static async Task WaitUntilMovedAsync(SqsOptions options)
    {
        using var queues = SqsServer.Queues(options);
        var webhooks = await queues.GetAsync(QueuedIntake.Queue, CancellationToken.None);
        await Wait.UntilAsync(() => webhooks.StandingAsync(CancellationToken.None), standing => standing is { Waiting: 0, InHand: 0 }, "every webhook has been moved from the queue to the inbox", Wait.Long);
    }

    /// <summary>Accepted messages of a campaign in the ledger, by position.</summary>
    public static ILookup<int, LedgerRecord> LedgerOf(this Stage stage, string campaign) =>
        stage.Meta.Ledger.Read(new LedgerFilter(TokenPrefix: $"bsp1.c.{campaign}."))
            .ToLookup(record => int.Parse(record.Token!.Split('.')[3], CultureInfo.InvariantCulture));

    private static void CountersEqualRows(Dictionary<string, int> run, IReadOnlyDictionary<int, Row> rows)
    {
        foreach (var state in Enum.GetValues<MessageState>().Where(state => state != MessageState.InFlight))
        {
            var column = state == MessageState.Accepted ? "accepted_only" : state.ToString().ToLowerInvariant();
            Same($"the counter {column} of campaign_run", rows.Values.Count(row => row.State == state), run[column]);
        }

        var through = run["released_through"];
        Assert.All(rows.Keys, position => Assert.InRange(position, 1, through));
        Assert.True(run["recorded_through"] <= through, "More is recorded than was released.");
    }

    private static void BooksEqualRows(CampaignView view, IReadOnlyDictionary<int, Row> rows)
    {
        Same("books.accepted", rows.Values.Count(row => row.State.IsAccepted()), view.Books.Accepted);
        Same("books.read", rows.Values.Count(row => row.State == MessageState.Read), view.Books.Read);
        if (view.State is not ("completed" or "cancelled")) return;
        Same("books.inFlight at the end", 0, view.Books.InFlight);
        Same("books.retrying at the end", 0, view.Books.Retrying);
        Same("books.notReleased at the end", 0, view.Books.NotReleased);
    }

    private static async Task RowsEqualLedgerAsync(Stage stage, string campaign, IReadOnlyDictionary<int, Row> rows)
    {
        var ledger = stage.LedgerOf(campaign);
        var phones = await ReadPhonesAsync(stage, campaign);
        var wrong = new List<string>();
        foreach (var accepted in ledger)
        {
            if (accepted.Count() > 1) wrong.Add($"{accepted.Key} was accepted {accepted.Count()} times: {string.Join(", ", accepted.Select(record => record.Token))}");
            var record = accepted.First();
            if (phones[accepted.Key] != record.To) wrong.Add($"{accepted.Key} went to {record.To}, not to {phones[accepted.Key]}");
            if (!rows.TryGetValue(accepted.Key, out var row)) wrong.Add($"{accepted.Key} is {record.State} at Meta and has no row here");
            else if (row.State != Ours(record.State)) wrong.Add($"{accepted.Key} is {record.State} at Meta ({record.Token}, answer {record.Answer}) and {row.State} here, attempt {row.Attempt}");
            else if (row.Wamid != record.Wamid) wrong.Add($"{accepted.Key} has the wamid {row.Wamid} here and {record.Wamid} at Meta");
        }

        foreach (var (position, row) in rows)
            if (row.State.IsAccepted() && !ledger.Contains(position)) wrong.Add($"{position} is {row.State} here and was never accepted by Meta");
        NoneOf(wrong, "Messages here and at Meta differ");
        var twice = ledger.Select(accepted => accepted.First().To).GroupBy(phone => phone).Where(group => group.Count() > 1).Select(group => group.Key);
        NoneOf([.. twice], "People got it twice");
    }

    /// <summary>The last transition of each message in the event log is the state it is in: readers of the log miss nothing.</summary>
    private static async Task EventsEqualRowsAsync(Stage stage, string campaign, IReadOnlyDictionary<int, Row> rows)
    {
        var told = await ReadTransitionsAsync(stage, campaign);
        var wrong = new List<string>();
        foreach (var (position, row) in rows)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(row.State.ToString());
            if (!told.TryGetValue(position, out var states)) wrong.Add($"{position} is {name}, of which no event tells");
            else if (row.State != MessageState.InFlight && states[^1] != name) wrong.Add($"{position} is {name}; its events say {string.Join(", ", states)}");
        }

        wrong.AddRange(told.Keys.Where(position => !rows.ContainsKey(position)).Select(position => $"{position} has events and no row"));
        NoneOf(wrong, "The event log and the messages differ");
    }

    /// <summary>What the event log tells of each message, in order.</summary>
    public static async Task<Dictionary<int, List<string>>> ReadTransitionsAsync(Stage stage, string campaign)
    {
        var told = new Dictionary<int, List<string>>();
        await using var command = stage.Database.CreateCommand("""select body::text, count from event where source = $1 and kind = 'messages' order by shard, "offset" """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"campaign:{campaign}" });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            using var body = JsonDocument.Parse(reader.GetString(0));
            var transitions = body.RootElement.GetProperty("transitions");
            Assert.Equal(reader.GetInt32(1), transitions.GetArrayLength());
            foreach (var transition in transitions.EnumerateArray())
            {
                var position = transition[0].GetInt32();
                if (!told.TryGetValue(position, out var states)) told[position] = states = [];
                states.Add(transition[1].GetString()!);
            }
        }

        return told;
    }

    private static async Task<Dictionary<int, Row>> ReadRowsAsync(NpgsqlConnection connection, string campaign)
    {
        var rows = new Dictionary<int, Row>();
        await using var command = Command(connection, "select position, state, attempt, wamid from message where campaign_id = $1", campaign);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add(reader.GetInt32(0), new Row((MessageState)reader.GetInt16(1), reader.GetInt16(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        return rows;
    }

    private static async Task<Dictionary<string, int>> ReadRunAsync(NpgsqlConnection connection, string campaign)
    {
        await using var command = Command(connection, "select * from campaign_run where campaign_id = $1", campaign);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return Enumerable.Range(0, reader.FieldCount).Where(column => reader.GetFieldType(column) == typeof(int)).ToDictionary(reader.GetName, reader.GetInt32);
    }

    private static async Task<Dictionary<int, string>> ReadPhonesAsync(Stage stage, string campaign)
    {
        var phones = new Dictionary<int, string>();
        await using var connection = await stage.Database.OpenConnectionAsync();
        await using var command = Command(connection, "select r.position, r.phone from recipient r join campaign c on c.audience_id = r.audience_id where c.id = $1", campaign);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) phones.Add(reader.GetInt32(0), reader.GetInt64(1).ToString(CultureInfo.InvariantCulture));
        return phones;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, string campaign)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Stage.Id(campaign) });
        return command;
    }

    private static MessageState Ours(MetaState state) => state switch
    {
        MetaState.Accepted => MessageState.Accepted,
        MetaState.Held => MessageState.Held,
        MetaState.Sent => MessageState.Sent,
        MetaState.Failed => MessageState.Failed,
        MetaState.Delivered => MessageState.Delivered,
        MetaState.Read => MessageState.Read,
    };

    private static void Same(string what, int expected, int actual)
    {
        if (expected != actual) throw new XunitException($"By the rows {what} should be {expected}, but it is {actual}.");
    }

    private static void NoneOf(List<string> wrong, string what)
    {
        if (wrong.Count > 0) throw new XunitException($"{what}, {wrong.Count} of them:\n{string.Join('\n', wrong.Take(20))}");
    }

    /// <summary>What the database knows of one message.</summary>
    public sealed record Row(MessageState State, int Attempt, string? Wamid);
}
