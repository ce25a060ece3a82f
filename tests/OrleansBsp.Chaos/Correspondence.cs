using Npgsql;
using OrleansBsp.Core.Messages;
using OrleansBsp.Simulator.Webhooks;
using OrleansBsp.Testing;

namespace OrleansBsp.Chaos;

/// <summary>
/// Beside the campaigns: person after person writes to us, and gets a message that somebody asks for with <c>POST /api/v1/messages</c>, under an Idempotency-Key and until it
/// is taken. Whatever breaks meanwhile, what the person wrote is stored once, and what was taken is sent once and explained.
/// </summary>
/// <param name="abandon">Ends it at once, whatever it is doing.</param>
internal sealed class Correspondence(Stage stage, int round, CancellationToken abandon)
{
    private const int AtOnce = 4;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(4);

    private readonly Dictionary<string, string> _taken = []; // a person's digits, and the message to them
    private readonly List<string> _wrote = [];
    private int _person;

    /// <summary>How many messages were taken.</summary>
    public int Taken
    {
        get { lock (_taken) return _taken.Count; }
    }

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => WriteAsync(stop)));

    /// <summary>Waits until all of it is settled, and says what did not hold, in words.</summary>
    /// <returns>How many messages to these people Meta accepted, and how many are unknown.</returns>
    public async Task<(int Accepted, int Unknown)> CountAsync(List<string> broken)
    {
        try
        {
            await stage.WaitUntilWebhooksAppliedAsync();
            await Wait.UntilAsync(ReadUnsettledAsync, unsettled => unsettled == 0, "every single message is settled", SettleLimit);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            broken.Add($"single messages: {failure.Message}");
        }

        var sent = stage.Meta.Ledger.Read().Where(record => _taken.ContainsKey(record.To)).GroupBy(record => record.To).ToDictionary(person => person.Key, person => person.Count());
        var states = await ReadStatesAsync();
        foreach (var (person, message) in _taken)
        {
            var (state, count) = (states.GetValueOrDefault(long.Parse(message, System.Globalization.CultureInfo.InvariantCulture), MessageState.InFlight), sent.GetValueOrDefault(person));
            var isExplained = count switch { 0 => state is MessageState.Unknown or MessageState.Refused, 1 => state is MessageState.Sent or MessageState.Delivered or MessageState.Read, _ => false };
            if (!isExplained) broken.Add($"the single message {message} was accepted {count} times by Meta and is {state}");
        }

        var stored = await ReadStoredAsync();
        var lost = _wrote.Where(person => stored.GetValueOrDefault(person) != 1).ToList();
        if (lost.Count > 0) broken.Add($"of {_wrote.Count} people who wrote {lost.Count} are not stored once: {string.Join(", ", lost.Take(5).Select(person => $"{person} {stored.GetValueOrDefault(person)} times"))}");
        return (sent.Values.Sum(), states.Values.Count(state => state == MessageState.Unknown));
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // The last six digits stay below the simulator's codes; campaigns write to others.
            var person = $"9197{round % 100:00}0{Interlocked.Increment(ref _person):00000}";
            stage.Meta.ReceiveInbound(new InboundMessage { PhoneNumberId = Stage.Number1000, From = person, Text = "Are you open?" });
            lock (_wrote) _wrote.Add(person);
            // Also when it is to stop: the answer may have been lost, and then it is sent.
            var message = await Patience.TryAsync(() => SendAsync(person), abandon);
            if (message is null) return;
            lock (_taken) _taken.Add(person, message);
            await Task.Delay(Rest, CancellationToken.None);
        }
    }

    private async Task<string> SendAsync(string person)
    {
        var message = new { phoneNumberId = Stage.Number1000, to = $"+{person}", type = "template", template = new { name = "store_hours", language = new { code = "en_US" } } };
        while (true)
        {
            try
            {
                return await stage.Api.SendMessageAsync(message, $"{round}-{person}");
            }
            catch (ApiRefusedException refusal) when (refusal.Problem.Status == 409 && !abandon.IsCancellationRequested)
            {
                await Task.Delay(Patience.Pause, abandon); // a call with this key has not ended, or its process has died
            }
        }
    }

    // Waiting times of messages that go back grow to a minute; nobody here has to wait for them.
    private async Task<long> ReadUnsettledAsync()
    {
        await using var command = stage.Database.CreateCommand("""
            with hurried as (update conversation_pending set due_at = now() where kind = $2 and due_at > now())
            select count(*) from conversation_message where id = any ($1) and state < $3
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = Ids() });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)Server.Campaigns.PendingKind.Retry });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)MessageState.Unknown });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<Dictionary<long, MessageState>> ReadStatesAsync()
    {
        await using var command = stage.Database.CreateCommand("select id, state from conversation_message where id = any ($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = Ids() });
        await using var reader = await command.ExecuteReaderAsync();
        var states = new Dictionary<long, MessageState>();
        while (await reader.ReadAsync()) states.Add(reader.GetInt64(0), (MessageState)reader.GetInt16(1));
        return states;
    }

    private async Task<Dictionary<string, long>> ReadStoredAsync()
    {
        await using var command = stage.Database.CreateCommand("""
            select c.address, count(*) from conversation c join conversation_message m on m.conversation_id = c.id
            where m.direction = 'in' and c.address = any ($1) group by c.address
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = _wrote.ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        var stored = new Dictionary<string, long>();
        while (await reader.ReadAsync()) stored.Add(reader.GetString(0), reader.GetInt64(1));
        return stored;
    }

    private long[] Ids() => [.. _taken.Values.Select(id => long.Parse(id, System.Globalization.CultureInfo.InvariantCulture))];
}
