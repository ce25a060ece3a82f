using Dapper;
using Npgsql;
using NpgsqlTypes;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Events;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// The owned tables of one campaign under one epoch. Each batch is one round trip and one transaction that begins with the fence;
/// a lost epoch changes nothing and throws <see cref="OwnershipLostException"/>.
/// </summary>
internal sealed class CampaignLedger(CampaignDefinition campaign, long epoch, DateTime month, Database database)
{
    public async Task<Dictionary<int, MessageRecord>> ReadMessagesAsync(int[] positions, CancellationToken cancel)
    {
        var messages = new Dictionary<int, MessageRecord>(positions.Length);
        await using var command = database.Main.CreateCommand(CampaignSql.ReadMessages);
        command.Parameters.Add(Month());
        command.Parameters.Add(Id());
        command.Parameters.Add(new NpgsqlParameter<int[]>("positions", positions));
        command.Parameters.Add(new NpgsqlParameter<short>("lastOpen", (short)MessageState.Uncertain));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            messages.Add(reader.GetInt32(0), new MessageRecord
            {
                State = (MessageState)reader.GetInt16(1),
                Attempt = reader.GetInt16(2),
                ErrorCode = reader.IsDBNull(3) ? null : reader.GetInt32(3),
                ErrorDetail = reader.IsDBNull(4) ? null : reader.GetString(4),
                Wamid = reader.IsDBNull(5) ? null : reader.GetString(5),
                WaId = reader.IsDBNull(6) ? null : reader.GetInt64(6).ToString(System.Globalization.CultureInfo.InvariantCulture),
                AcceptedAt = Time(7), SentAt = Time(8), DeliveredAt = Time(9), ReadAt = Time(10), FailedAt = Time(11),
                Refusals = reader.GetInt16(12),
            });
        }

        return messages;

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }

    /// <summary>Writes one batch of merged knowledge. If one of its rows has changed since it was read, this fails, and nothing is written.</summary>
    public async Task WriteAsync(RecordedBatch batch, int recordedThrough, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Count(batch.Difference, recordedThrough));
        if (batch.New.Count > 0) commands.BatchCommands.Add(Messages(CampaignSql.InsertMessages, batch.New));
        if (batch.Changed.Count > 0) commands.BatchCommands.Add(Update(batch.Changed));
        if (batch.Timers.Count > 0) commands.BatchCommands.Add(SetPending(batch.Timers));
        if (batch.Finished.Count > 0)
            commands.BatchCommands.Add(Command(CampaignSql.ClearPending, Id(), new NpgsqlParameter<int[]>("positions", [.. batch.Finished])));
        if (batch.Attempts.Count > 0) commands.BatchCommands.Add(AddAttempts(batch.Attempts));
        if (batch.Events.Count > 0)
            commands.BatchCommands.Add(EventLog.Append(Source, "messages", batch.Events.Count, batch.Events.ToJson(campaign.Id)));
        await ExecuteAsync(commands, cancel);
    }

    /// <summary>Moves the checkpoint over these recipients; nothing of them has been sent yet.</summary>
    /// <returns>Positions that are skipped because the contact opted out; null if the campaign does not run any more.</returns>
    public async Task<int[]?> ReleaseAsync(int from, IReadOnlyList<RecipientRow> recipients, CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(CampaignSql.Release);
        command.Parameters.Add(Month());
        command.Parameters.Add(Id());
        command.Parameters.Add(Epoch());
        command.Parameters.Add(new NpgsqlParameter<int>("from", from));
        command.Parameters.Add(new NpgsqlParameter<int>("through", recipients[^1].Position));
        command.Parameters.Add(new NpgsqlParameter<bool>("marketing", campaign.IsMarketing));
        command.Parameters.Add(new NpgsqlParameter<short>("skippedState", (short)MessageState.Skipped));
        command.Parameters.Add(new NpgsqlParameter<short>("shard", EventLog.ShardOf(Source)));
        command.Parameters.Add(new NpgsqlParameter<string>("source", Source));
        command.Parameters.Add(new NpgsqlParameter<int[]>("positions", [.. recipients.Select(recipient => recipient.Position)]));
        command.Parameters.Add(new NpgsqlParameter<long[]>("phones", [.. recipients.Select(recipient => recipient.Phone)]));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return reader.GetInt32(0) == 1 ? reader.GetFieldValue<int[]>(1) : null;
    }

    /// <summary>Releases further attempts of messages that wait for one.</summary>
    /// <returns>The positions that may be sent now.</returns>
    public async Task<HashSet<int>> ReleaseAgainAsync(IReadOnlyList<DueRow> due, TimeSpan window, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Command(CampaignSql.Fence, Id(), Epoch()));
        commands.BatchCommands.Add(ReleaseAgain(due, window));
        return await ReadLastAsync(commands, cancel);
    }

    /// <summary>
    /// What became of a release whose answer was lost. One that has not happened happens now: it may still be on its way, and must find the checkpoint moved when it arrives.
    /// As <see cref="ReleaseAsync"/>.
    /// </summary>
    public async Task<int[]?> SettleReleaseAsync(int from, IReadOnlyList<RecipientRow> recipients, CancellationToken cancel) =>
        await FindReleaseAsync(recipients, cancel) ?? await ReleaseAsync(from, recipients, cancel) ?? await FindReleaseAsync(recipients, cancel);

    /// <returns>As <see cref="ReleaseAsync"/>; null also: it has not happened.</returns>
    private async Task<int[]?> FindReleaseAsync(IReadOnlyList<RecipientRow> recipients, CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(CampaignSql.FindRelease);
        command.Parameters.AddRange(new NpgsqlParameter[]
        {
            Id(), Epoch(), Month(), new NpgsqlParameter<int[]>("positions", [.. recipients.Select(recipient => recipient.Position)]),
        });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        if (reader.IsDBNull(0)) throw new OwnershipLostException(Source);
        return reader.GetInt32(0) >= recipients[^1].Position ? reader.GetFieldValue<int[]>(1) : null;
    }

    /// <summary>
    /// What became of a repeated release whose answer was lost. What of it has not happened happens now, as with <see cref="SettleReleaseAsync"/>. As <see cref="ReleaseAgainAsync"/>.
    /// </summary>
    public async Task<HashSet<int>> SettleReleaseAgainAsync(IReadOnlyList<DueRow> due, TimeSpan window, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var commands = new NpgsqlBatch(connection);
        commands.BatchCommands.Add(Command(CampaignSql.Fence, Id(), Epoch()));
        commands.BatchCommands.Add(ReleaseAgain(due, window));
        commands.BatchCommands.Add(Command(CampaignSql.FindReleaseAgain, Id(),
            new NpgsqlParameter<int[]>("positions", [.. due.Select(row => row.Position)]),
            new NpgsqlParameter<short[]>("attempts", [.. due.Select(row => (short)(row.Attempt + 1))]),
            new NpgsqlParameter<short>("inFlightKind", (short)PendingKind.RetryInFlight)));
        return await ReadLastAsync(commands, cancel);
    }

    /// <summary>Reads the positions that the last statement of a fenced batch returns.</summary>
    private async Task<HashSet<int>> ReadLastAsync(NpgsqlBatch commands, CancellationToken cancel)
    {
        try
        {
            var released = new HashSet<int>();
            await using var reader = await commands.ExecuteReaderAsync(cancel);
            for (var statement = 1; statement < commands.BatchCommands.Count; statement++) await reader.NextResultAsync(cancel);
            while (await reader.ReadAsync(cancel)) released.Add(reader.GetInt32(0));
            return released;
        }
        catch (PostgresException failure) when (OwnershipLostException.Is(failure))
        {
            throw new OwnershipLostException(Source);
        }
    }

    /// <summary>Messages of the given kinds whose timer has run out.</summary>
    /// <param name="cancelled">Messages that wait for another attempt are due whatever their time.</param>
    public async Task<List<DueRow>> ReadDueAsync(PendingKind[] kinds, bool cancelled, int limit, CancellationToken cancel)
    {
        await using var command = database.Main.CreateCommand(CampaignSql.ReadDue);
        command.Parameters.AddRange(new NpgsqlParameter[]
        {
            Id(), new NpgsqlParameter<long>("audience", campaign.AudienceId ?? 0), new NpgsqlParameter<bool>("cancelled", cancelled),
            new NpgsqlParameter<short>("retry", (short)PendingKind.Retry), new NpgsqlParameter<int>("limit", limit),
            new NpgsqlParameter<short[]>("kinds", [.. kinds.Select(kind => (short)kind)]),
        });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var due = new List<DueRow>();
        while (await reader.ReadAsync(cancel))
            due.Add(new DueRow(reader.GetInt32(0), (PendingKind)reader.GetInt16(1), reader.GetInt16(2), reader.GetInt64(3), reader.GetFieldValue<string[]>(4), reader.GetString(5)));
        return due;
    }

    /// <summary>The row as it is; null if the epoch is lost.</summary>
    public async Task<CampaignRunRow?> ReadRunAsync(CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        var row = await connection.QuerySingleAsync<CampaignRunRow>(new(CampaignSql.ReadRun, new { id = campaign.Id }, cancellationToken: cancel));
        return row.Epoch == epoch ? row : null;
    }

    /// <summary>Changes the state of the run, if it is one of <paramref name="from"/>.</summary>
    /// <returns>False: it is another, or the epoch is lost.</returns>
    public Task<bool> SetStateAsync(CampaignState state, string? reason, CampaignState[] from, CancellationToken cancel) => ChangesOneAsync(
        CampaignSql.SetState, cancel, Id(), Epoch(), new NpgsqlParameter<string>("state", Text(state)),
        new NpgsqlParameter<string?>("reason", reason), new NpgsqlParameter<string[]>("from", [.. from.Select(Text)]));

    /// <summary>Goes on after a pause: scheduled if its start is still to come.</summary>
    public Task<bool> ResumeAsync(CancellationToken cancel) => ChangesOneAsync(CampaignSql.Resume, cancel, Id(), Epoch());

    /// <summary>Ends the campaign if its books say that nothing is left to do.</summary>
    public Task<bool> CompleteAsync(CancellationToken cancel) => ChangesOneAsync(CampaignSql.Complete, cancel, Id(), Epoch());

    /// <summary>Starts a scheduled campaign if its time has come.</summary>
    public Task<bool> StartIfDueAsync(CancellationToken cancel) => ChangesOneAsync(CampaignSql.StartIfDue, cancel, Id(), Epoch());

    /// <summary>Freezes the template, stores the schedule and leaves the draft state; by the database's time the campaign is scheduled, or runs.</summary>
    public Task<bool> LaunchAsync(DateTime? startAt, TimeSpan? startWindow, string template, string category, CancellationToken cancel) =>
        ChangesOneAsync(
            CampaignSql.Launch, cancel, Id(), Epoch(),
            new NpgsqlParameter("startAt", NpgsqlDbType.TimestampTz) { Value = (object?)startAt ?? DBNull.Value },
            new NpgsqlParameter("startWindow", NpgsqlDbType.Interval) { Value = (object?)startWindow ?? DBNull.Value },
            new NpgsqlParameter<string>("template", template), new NpgsqlParameter<string>("category", category));

    private static string Text(CampaignState state) => state.ToString().ToLowerInvariant();

    private async Task<bool> ChangesOneAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = database.Main.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Stores which released messages a former owner left without an answer.</summary>
    public async Task MarkUncertainAsync(CampaignProgress progress, TimeSpan window, CancellationToken cancel)
    {
        await using var connection = await database.Main.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        try
        {
            await using (var fence = new NpgsqlCommand(CampaignSql.Fence, connection) { Parameters = { Id(), Epoch() } })
                await fence.ExecuteNonQueryAsync(cancel);
            var uncertain = new NpgsqlParameter<short>("uncertain", (short)MessageState.Uncertain);
            var first = await PositionsAsync(connection, CampaignSql.FindUnanswered, cancel, Id(), Month(), uncertain.Clone(),
                new NpgsqlParameter<int>("recorded", progress.RecordedThrough), new NpgsqlParameter<int>("released", progress.ReleasedThrough));
            var again = await PositionsAsync(connection, CampaignSql.FindUnansweredRetries, cancel, Id(), Month(), uncertain.Clone(),
                new NpgsqlParameter<short>("uncertainKind", (short)PendingKind.Uncertain), new NpgsqlParameter<TimeSpan>("window", window),
                new NpgsqlParameter<short>("inFlightKind", (short)PendingKind.RetryInFlight), new NpgsqlParameter<short>("inFlight", (short)MessageState.InFlight));
            var batch = new RecordedBatch();
            foreach (var position in first) batch.Timers.Add(new(position, PendingKind.Uncertain, 1, 0, window));
            foreach (var position in first.Concat(again)) batch.Events.Add(position, MessageState.Uncertain, null, null);
            batch.Difference[MessageState.Uncertain] = first.Count + again.Count;

            await using var commands = new NpgsqlBatch(connection, transaction);
            commands.BatchCommands.Add(Count(batch.Difference, progress.ReleasedThrough));
            if (first.Count > 0) commands.BatchCommands.Add(SetPending(batch.Timers));
            if (batch.Events.Count > 0)
                commands.BatchCommands.Add(EventLog.Append(Source, "messages", batch.Events.Count, batch.Events.ToJson(campaign.Id)));
            await commands.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(cancel);
            progress.Recorded(Enumerable.Range(progress.RecordedThrough + 1, progress.ReleasedThrough - progress.RecordedThrough));
        }
        catch (PostgresException failure) when (OwnershipLostException.Is(failure))
        {
            throw new OwnershipLostException(Source);
        }
    }

    private string Source => $"campaign:{campaign.Id}";

    private static async Task<List<int>> PositionsAsync(NpgsqlConnection connection, string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var positions = new List<int>();
        while (await reader.ReadAsync(cancel)) positions.Add(reader.GetInt32(0));
        return positions;
    }

    private async Task ExecuteAsync(NpgsqlBatch commands, CancellationToken cancel)
    {
        try
        {
            await commands.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException failure) when (OwnershipLostException.Is(failure))
        {
            throw new OwnershipLostException(Source);
        }
    }

    private NpgsqlBatchCommand Count(MessageCounts difference, int recordedThrough)
    {
        var command = Command(CampaignSql.Count, Id(), Epoch(), new NpgsqlParameter<int>("recordedThrough", recordedThrough));
        foreach (var state in MessageCounts.Counted)
            command.Parameters.Add(new NpgsqlParameter<int>(state.ToString().ToLowerInvariant(), difference[state]));
        return command;
    }

    private NpgsqlBatchCommand ReleaseAgain(IReadOnlyList<DueRow> due, TimeSpan window) => Command(CampaignSql.ReleaseAgain, Id(), Month(),
        new NpgsqlParameter<short>("inFlight", (short)MessageState.InFlight),
        new NpgsqlParameter<short>("retrying", (short)MessageState.Retrying),
        new NpgsqlParameter<short>("inFlightKind", (short)PendingKind.RetryInFlight),
        new NpgsqlParameter<TimeSpan>("window", window),
        new NpgsqlParameter<bool>("marketing", campaign.IsMarketing),
        new NpgsqlParameter<int[]>("positions", [.. due.Select(row => row.Position)]),
        new NpgsqlParameter<short[]>("attempts", [.. due.Select(row => (short)(row.Attempt + 1))]),
        new NpgsqlParameter<long[]>("phones", [.. due.Select(row => row.Phone)]));

    private NpgsqlBatchCommand SetPending(List<MessageTimer> timers) => Command(
        CampaignSql.SetPending, Id(),
        new NpgsqlParameter<int[]>("positions", [.. timers.Select(timer => timer.Position)]),
        new NpgsqlParameter<short[]>("kinds", [.. timers.Select(timer => (short)timer.Kind)]),
        new NpgsqlParameter<short[]>("attempts", [.. timers.Select(timer => (short)timer.Attempt)]),
        new NpgsqlParameter<short[]>("refusals", [.. timers.Select(timer => (short)timer.Refusals)]),
        new NpgsqlParameter<TimeSpan[]>("waits", [.. timers.Select(timer => timer.Wait)]));

    private NpgsqlBatchCommand AddAttempts(List<AttemptRow> attempts) => Command(
        CampaignSql.AddAttempts, Id(), Month(),
        new NpgsqlParameter<int[]>("positions", [.. attempts.Select(attempt => attempt.Position)]),
        new NpgsqlParameter<short[]>("attempts", [.. attempts.Select(attempt => (short)attempt.Attempt)]),
        new NpgsqlParameter<string[]>("outcomes", [.. attempts.Select(attempt => attempt.Outcome)]),
        new NpgsqlParameter<int?[]>("codes", [.. attempts.Select(attempt => attempt.Code)]),
        new NpgsqlParameter<string[]>("details", [.. attempts.Select(attempt => attempt.Detail)]),
        new NpgsqlParameter<string?[]>("traces", [.. attempts.Select(attempt => attempt.Trace)]));

    private NpgsqlBatchCommand Messages(string sql, List<(int Position, MessageRecord Message)> rows)
    {
        rows.Sort((one, other) => one.Position.CompareTo(other.Position));
        return Command(sql, Id(), Month(),
            new NpgsqlParameter<int[]>("positions", [.. rows.Select(row => row.Position)]),
            new NpgsqlParameter<short[]>("states", [.. rows.Select(row => (short)row.Message.State)]),
            new NpgsqlParameter<short[]>("attempts", [.. rows.Select(row => (short)row.Message.Attempt)]),
            new NpgsqlParameter<int?[]>("codes", [.. rows.Select(row => row.Message.ErrorCode)]),
            new NpgsqlParameter<string?[]>("details", [.. rows.Select(row => row.Message.ErrorDetail)]),
            new NpgsqlParameter<string?[]>("wamids", [.. rows.Select(row => row.Message.Wamid)]),
            new NpgsqlParameter<long?[]>("keys", [.. rows.Select(row => row.Message.Wamid is { } wamid ? WamidKey.Of(wamid) : (long?)null)]),
            new NpgsqlParameter<long?[]>("waIds", [.. rows.Select(row => long.TryParse(row.Message.WaId, out var waId) ? waId : (long?)null)]),
            Times("accepted", row => row.AcceptedAt), Times("sent", row => row.SentAt), Times("delivered", row => row.DeliveredAt),
            Times("read", row => row.ReadAt), Times("failed", row => row.FailedAt));

        NpgsqlParameter Times(string name, Func<MessageRecord, DateTimeOffset?> time) => new NpgsqlParameter<DateTime?[]>(name, [.. rows.Select(row => time(row.Message)?.UtcDateTime)])
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        };
    }

    private NpgsqlBatchCommand Update(List<(int Position, MessageRecord Message, MessageRecord Known)> rows)
    {
        rows.Sort((one, other) => one.Position.CompareTo(other.Position));
        var command = Messages(CampaignSql.UpdateMessages, rows.ConvertAll(row => (row.Position, row.Message)));
        command.Parameters.Add(new NpgsqlParameter<short[]>("statesRead", [.. rows.Select(row => (short)row.Known.State)]));
        command.Parameters.Add(new NpgsqlParameter<short[]>("attemptsRead", [.. rows.Select(row => (short)row.Known.Attempt)]));
        return command;
    }

    private static NpgsqlBatchCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    private NpgsqlParameter<long> Id() => new("id", campaign.Id);

    private NpgsqlParameter<long> Epoch() => new("epoch", epoch);

    private NpgsqlParameter Month() => new("month", NpgsqlDbType.Date) { Value = month };
}
