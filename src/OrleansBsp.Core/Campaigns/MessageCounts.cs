using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Campaigns;

/// <summary>Counts of messages by state, or differences of them. Messages in flight are not counted: they follow from the checkpoint.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class MessageCounts
{
    /// <summary>Every state that is stored as a counter.</summary>
    public static readonly IReadOnlyList<MessageState> Counted = [.. Enum.GetValues<MessageState>().Where(state => state != MessageState.InFlight)];

    private readonly int[] _counts = new int[(int)MessageState.Read + 1];

    public int this[MessageState state]
    {
        get => _counts[(int)state];
        set => _counts[(int)state] = value;
    }

    public int Total => Counted.Sum(state => this[state]);

    public bool IsZero => Counted.All(state => this[state] == 0);

    /// <summary>One message went from one state to another. InFlight stands for "no outcome".</summary>
    public void Move(MessageState from, MessageState to)
    {
        if (from != MessageState.InFlight) this[from]--;
        if (to != MessageState.InFlight) this[to]++;
    }

    public void Add(MessageCounts difference)
    {
        foreach (var state in Counted) this[state] += difference[state];
    }
}
