using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Campaigns.Model;

/// <summary>Meta: takes messages or not, answers or not, and reports statuses late, twice and in any order.</summary>
internal sealed class MetaModel(Random random)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<int, Answer> _lastPost = [];
    private readonly List<(int Position, MessageStatus Status, string Wamid)> _statuses = [];

    /// <summary>How a POST ended, as the sender sees it.</summary>
    internal enum Answer
    {
        Accepted,
        NotTaken,
        Refused,
        Lost,
    }

    public bool HasStatuses => _statuses.Count > 0;

    /// <summary>Somebody was sent a message although the one before may have arrived.</summary>
    public string? Fault { get; private set; }

    public Answer Post(int position, int attempt)
    {
        if (_lastPost.TryGetValue(position, out var before) && before != Answer.NotTaken) Fault ??= $"position {position} was sent again after {before}";
        var answer = (Answer)random.Next(4);
        _lastPost[position] = answer;
        var taken = answer == Answer.Accepted || (answer == Answer.Lost && random.Next(2) == 0);
        if (taken)
            foreach (var status in Enum.GetValues<MessageStatus>())
                if (random.Next(2) == 0) _statuses.Add((position, status, $"wamid.{position}.{attempt}"));
        return answer;
    }

    /// <summary>Some status, whose webhook may come once more.</summary>
    public (int Position, Func<MessageRecord, MessageRecord> Change) Report(bool again)
    {
        var index = random.Next(_statuses.Count);
        var (position, status, wamid) = _statuses[index];
        if (!again) _statuses.RemoveAt(index);
        return (position, message => message.See(status, wamid, Noon, status == MessageStatus.Failed ? 131049 : null, null));
    }

    public static Func<MessageRecord, MessageRecord> ChangeOf(Answer answer, int position, int attempt) => answer switch
    {
        Answer.Accepted => message => message.Accept($"wamid.{position}.{attempt}", null, held: false, Noon),
        Answer.NotTaken => message => message.EndAttempt(attempt, MessageState.Retrying, 130429, "slow down"),
        Answer.Refused => message => message.EndAttempt(attempt, MessageState.Refused, 131026, "undeliverable"),
        Answer.Lost => message => message.EndAttempt(attempt, MessageState.Uncertain, null, "time-out"),
    };
}
