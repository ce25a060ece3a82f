using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Ledgers;

/// <summary>How the answer to an accepted send left.</summary>
public enum AnswerKind : byte
{
    /// <summary>A proper 200.</summary>
    Ok,

    /// <summary>Accepted, but no proper 200 left: hang, reset, 500, truncated or not JSON.</summary>
    Lost,
}

/// <summary>
/// One accepted message, about 100 bytes. Written once under the ledger's lock; afterwards only <see cref="States"/> changes, atomically,
/// and the plan's start when a held message is released.
/// </summary>
internal struct LedgerEntry
{
    /// <summary>Monotonic microseconds at which the request reached the pipeline.</summary>
    public long ArrivalMicros;

    /// <summary>Clock reading from which the plan's delays count.</summary>
    public long PlanStartMicros;

    /// <summary>Recipient digits, or for a BSUID its hash with the top bit set.</summary>
    public ulong Recipient;

    public ulong ParametersHash;

    public BytesRef Token;

    public BytesRef Body;

    /// <summary>The BSUID itself where there is no phone number.</summary>
    public BytesRef UserId;

    public Fate Fate;

    public int NumberIndex;

    /// <summary>Ordinal of the template, or -1 for a free-form message.</summary>
    public int TemplateIndex;

    public int Attempt;

    /// <summary>Bit <c>1 &lt;&lt; MessageState</c> for each status that the receiver has acknowledged, and for held.</summary>
    public int States;

    public AnswerKind Answer;

    /// <summary>The furthest state by rank: what the product's books must say.</summary>
    public readonly MessageState Furthest => States == 0 ? MessageState.Accepted : (MessageState)System.Numerics.BitOperations.Log2((uint)States);
}

/// <summary>Where bytes lie in the arena, in 8 bytes; default is none. 65,536 chunks are 16 GiB, more than a run can fill.</summary>
internal readonly record struct BytesRef(int Offset, ushort Chunk, ushort Length);

/// <summary>Append-only bytes in chunks. Appends under the owner's lock; reads of what a visible entry refers to need none.</summary>
internal sealed class ByteArena
{
    private const int ChunkBytes = 1 << 18;
    private volatile byte[][] chunks = [];
    private int used = ChunkBytes;

    public BytesRef Append_NeedsLock(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        bytes = bytes[..Math.Min(bytes.Length, ushort.MaxValue)];
        if (used + bytes.Length > ChunkBytes)
        {
            chunks = [.. chunks, GC.AllocateUninitializedArray<byte>(ChunkBytes)];
            used = 0;
        }

        bytes.CopyTo(chunks[^1].AsSpan(used));
        var place = new BytesRef(used, checked((ushort)(chunks.Length - 1)), (ushort)bytes.Length);
        used += bytes.Length;
        return place;
    }

    public ReadOnlySpan<byte> Read(BytesRef place) => place.Length == 0 ? [] : chunks[place.Chunk].AsSpan(place.Offset, place.Length);

    public void Clear_NeedsLock()
    {
        chunks = [];
        used = ChunkBytes;
    }
}
