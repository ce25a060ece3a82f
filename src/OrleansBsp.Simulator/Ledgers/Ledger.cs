using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Ledgers;

/// <summary>
/// Everything the simulator accepted, in order, and how often it refused. Append-only chunks: an entry never moves, so readers and the
/// webhook workers hold references without a lock. Appends take one short lock.
/// </summary>
public sealed class Ledger
{
    private const int ChunkSize = 4096;
    private readonly World world;
    private readonly Clock clock;
    private readonly Lock gate = new();
    private readonly ByteArena arena = new();
    private readonly ConcurrentDictionary<int, long> refused = new();
    private readonly ConcurrentDictionary<int, ArrivalLog> arrivals = new();
    private volatile LedgerEntry[][] chunks = [];
    private volatile int count;
    private Wamid wamids = NewRun();

    internal Ledger(World world, Clock clock)
    {
        this.world = world;
        this.clock = clock;
    }

    /// <summary>Messages accepted since the start or the last reset.</summary>
    public int Count => count;

    /// <summary>Refusals by code; lost requests that were not accepted count under 0.</summary>
    public IReadOnlyDictionary<int, long> RefusedByCode => refused;

    /// <summary>Accepted messages in order of acceptance.</summary>
    public IEnumerable<LedgerRecord> Read(LedgerFilter? filter = null)
    {
        filter ??= new LedgerFilter();
        var end = count;
        for (var i = filter.FromOrdinal; i < end; i++)
        {
            if (Matches(i, filter))
            {
                yield return Record(i);
            }
        }
    }

    /// <summary>The message with this id, or null.</summary>
    public LedgerRecord? Find(string wamid)
    {
        var ordinal = wamids.OrdinalOrMinus1(wamid);
        return ordinal >= 0 && ordinal < count ? Record(ordinal) : null;
    }

    /// <summary>Sums, duplicates, final states and pace.</summary>
    public LedgerSummary Summarize(LedgerFilter? filter = null) => LedgerSummary.Of(this, filter ?? new LedgerFilter());

    /// <summary>Sends that arrived for a number, refused ones included, as monotonic microseconds.</summary>
    public long[] ArrivalsOf(string phoneNumberId)
        => world.FindNumber(phoneNumberId) is { } number && arrivals.TryGetValue(number.Index, out var log) ? log.ToArray() : [];

    internal ref LedgerEntry this[int ordinal] => ref chunks[ordinal / ChunkSize][ordinal % ChunkSize];

    internal ReadOnlySpan<byte> Bytes(BytesRef place) => arena.Read(place);

    internal World World => world;

    internal int Append(LedgerEntry entry, ReadOnlySpan<byte> token, ReadOnlySpan<byte> body, ReadOnlySpan<byte> userId)
    {
        lock (gate)
        {
            if (count == chunks.Length * ChunkSize)
            {
                chunks = [.. chunks, new LedgerEntry[ChunkSize]];
            }

            entry.Token = arena.Append_NeedsLock(token);
            entry.Body = arena.Append_NeedsLock(body);
            entry.UserId = arena.Append_NeedsLock(userId);
            this[count] = entry;
            return count++;
        }
    }

    internal void CountArrival(BusinessNumber number, long arrivalMicros) => arrivals.GetOrAdd(number.Index, _ => new ArrivalLog()).Add(arrivalMicros);

    internal void CountRefusal(int code) => refused.AddOrUpdate(code, 1, (_, before) => before + 1);

    internal void Acknowledge(int ordinal, MessageState state) => Interlocked.Or(ref this[ordinal].States, 1 << (int)state);

    internal int WriteWamid(int ordinal, Span<byte> to) => wamids.WriteOutbound(Wa.DigitsForWamid(this[ordinal].Recipient), ordinal, to);

    internal string NewInboundWamid(ulong from, int ordinal) => wamids.Inbound(from, ordinal);

    internal void Clear()
    {
        lock (gate)
        {
            count = 0;
            chunks = [];
            arena.Clear_NeedsLock();
            refused.Clear();
            arrivals.Clear();
            wamids = NewRun();
        }
    }

    internal bool Matches(int ordinal, LedgerFilter filter)
    {
        ref var entry = ref this[ordinal];
        return (filter.PhoneNumberId is null || world.NumberAt(entry.NumberIndex).Id == filter.PhoneNumberId)
            && (filter.To is null || entry.Recipient.ToString(CultureInfo.InvariantCulture) == filter.To)
            && (filter.TokenPrefix is null || Encoding.UTF8.GetString(arena.Read(entry.Token)).StartsWith(filter.TokenPrefix, StringComparison.Ordinal));
    }

    internal string RecipientText(in LedgerEntry entry)
        => entry.UserId.Length > 0 ? Encoding.UTF8.GetString(arena.Read(entry.UserId)) : entry.Recipient.ToString(CultureInfo.InvariantCulture);

    private LedgerRecord Record(int ordinal)
    {
        ref var entry = ref this[ordinal];
        return new LedgerRecord(
            ordinal, world.NumberAt(entry.NumberIndex).Id, RecipientText(entry), TextOrNull(entry.Token),
            wamids.Outbound(Wa.DigitsForWamid(entry.Recipient), ordinal), entry.ArrivalMicros, clock.ToUnixMicros(entry.ArrivalMicros),
            entry.TemplateIndex < 0 ? null : world.TemplateAt(entry.TemplateIndex).Name, entry.ParametersHash.ToString("x16", CultureInfo.InvariantCulture),
            TextOrNull(entry.Body), entry.Attempt, entry.Answer, entry.Furthest, entry.Fate.FailureCode == 0 ? null : entry.Fate.FailureCode);
    }

    private string? TextOrNull(BytesRef place) => place.Length == 0 ? null : Encoding.UTF8.GetString(arena.Read(place));

    // Random on purpose: a receiver with a durable store must never see an id of an earlier run again.
    private static Wamid NewRun() => new((ulong)Random.Shared.NextInt64());
}

/// <summary>Instants of all sends of one number.</summary>
internal sealed class ArrivalLog
{
    private readonly List<long> instants = [];

    public void Add(long micros)
    {
        lock (instants)
        {
            instants.Add(micros);
        }
    }

    public long[] ToArray()
    {
        lock (instants)
        {
            return [.. instants];
        }
    }
}
