using System.Buffers;
using System.Text.Json;
using OrleansBsp.Core.Campaigns;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Server.Campaigns;

/// <summary>
/// What one transaction of a campaign's recorder writes: the merge of a batch of changes into the messages as stored. Pure.
/// </summary>
internal sealed class RecordedBatch
{
    public List<(int Position, MessageRecord Message)> New { get; } = [];

    /// <summary>With what was read of each: it is written only if that still holds.</summary>
    public List<(int Position, MessageRecord Message, MessageRecord Known)> Changed { get; } = [];

    public List<MessageTimer> Timers { get; } = [];

    /// <summary>Messages whose timer is not needed any more.</summary>
    public List<int> Finished { get; } = [];

    public List<AttemptRow> Attempts { get; } = [];

    public TransitionList Events { get; } = new();

    public MessageCounts Difference { get; } = new();

    public bool IsEmpty => New.Count == 0 && Changed.Count == 0 && Attempts.Count == 0;

    /// <param name="stored">The rows of those changed messages that have one.</param>
    public static RecordedBatch Merge(IEnumerable<Change> changes, IReadOnlyDictionary<int, MessageRecord> stored, TimeSpan uncertainWindow)
    {
        var batch = new RecordedBatch();
        foreach (var ofOne in changes.GroupBy(change => change.Position))
        {
            var known = stored.GetValueOrDefault(ofOne.Key);
            var message = known ?? MessageRecord.Released;
            var wait = TimeSpan.Zero;
            foreach (var change in ofOne)
            {
                var after = change.ApplyTo(message);
                if (after == message) continue;
                if (after.State != message.State) batch.Events.Add(ofOne.Key, after.State, change.At, after.ErrorCode);
                if (change.Attempt(after) is { } attempt) batch.Attempts.Add(attempt);
                if (after.State == MessageState.Retrying) wait = change.RetryAfter(after);
                message = after;
            }

            if (known is not null && message == known) continue;
            if (known is null) batch.New.Add((ofOne.Key, message));
            else batch.Changed.Add((ofOne.Key, message, known));
            batch.Difference.Move(known?.State ?? MessageState.InFlight, message.State);
            batch.SetTimer(ofOne.Key, known, message, wait, uncertainWindow);
        }

        return batch;
    }

    private void SetTimer(int position, MessageRecord? before, MessageRecord after, TimeSpan wait, TimeSpan uncertainWindow)
    {
        if (after.State == MessageState.Retrying) Timers.Add(new(position, PendingKind.Retry, after.Attempt, after.Refusals, wait));
        else if (after.State == MessageState.Uncertain) Timers.Add(new(position, PendingKind.Uncertain, after.Attempt, after.Refusals, uncertainWindow));
        // A stored message in flight is a repeated attempt, and has a timer too.
        else if (before is { State: MessageState.InFlight or MessageState.Retrying or MessageState.Uncertain }) Finished.Add(position);
    }
}

/// <summary>A row of the table <c>pending</c>.</summary>
/// <param name="Wait">From now until it is due.</param>
internal readonly record struct MessageTimer(int Position, PendingKind Kind, int Attempt, int Refusals, TimeSpan Wait);

/// <summary>Transitions for the event log, as <c>[position, "state", epoch milliseconds or null, code or null]</c>.</summary>
internal sealed class TransitionList
{
    private static readonly JsonEncodedText[] Names =
        [.. Enumerable.Range(0, (int)MessageState.Read + 1).Select(state => JsonEncodedText.Encode(JsonNamingPolicy.CamelCase.ConvertName(((MessageState)state).ToString())))];

    private readonly List<(int Position, MessageState State, DateTimeOffset? At, int? Code)> _transitions = [];

    public int Count => _transitions.Count;

    public void Add(int position, MessageState state, DateTimeOffset? at, int? code) => _transitions.Add((position, state, at, code));

    /// <summary>How many went to each state, by its name outside.</summary>
    public IEnumerable<(string State, int Count)> CountByState()
    {
        var counts = new int[Names.Length];
        foreach (var transition in _transitions) counts[(int)transition.State]++;
        return counts.Select((count, state) => (Names[state].Value, count)).Where(entry => entry.count > 0);
    }

    public ReadOnlyMemory<byte> ToJson(long campaign)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + _transitions.Count * 48);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("campaignId"u8, campaign.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteStartArray("transitions"u8);
        foreach (var (position, state, at, code) in _transitions)
        {
            json.WriteStartArray();
            json.WriteNumberValue(position);
            json.WriteStringValue(Names[(int)state]);
            if (at is { } time) json.WriteNumberValue(time.ToUnixTimeMilliseconds());
            else json.WriteNullValue();
            if (code is { } number) json.WriteNumberValue(number);
            else json.WriteNullValue();
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
