namespace OrleansBsp.Core.Messages;

/// <summary>What one error code of Meta, or one range of codes, means for us.</summary>
public sealed record MetaErrorRule
{
    /// <summary>The code, or the first of a range; negative for the rules that stand for "no code" and "unknown code".</summary>
    public required int Code { get; init; }

    /// <summary>Last code of a range; equal to <see cref="Code"/> for a single one.</summary>
    public required int LastCode { get; init; }

    /// <summary>A few plain words, ours: Meta announced that its own titles will be removed.</summary>
    public required string Title { get; init; }

    /// <summary>The class when the code is the answer to a send. For a <c>failed</c> status see <see cref="FailedClass"/>.</summary>
    public required MetaErrorClass Class { get; init; }

    /// <summary>What is slowed, stopped or left alone.</summary>
    public required MetaErrorScope Scope { get; init; }

    /// <summary>The sender's own wait before the next attempt; <see cref="MetaWait.None"/> where it makes none.</summary>
    public required MetaWait Wait { get; init; }

    /// <summary>Who must act and what to do, for an operator's screen.</summary>
    public required string Advice { get; init; }

    /// <summary>
    /// What to do about a message that belongs to no campaign; null: the same. Where the rule stops a campaign, a text here says that it is the message itself
    /// that is wrong. A campaign waits until somebody has corrected template or mapping; a single message keeps what it was given, so
    /// it is refused at once.
    /// </summary>
    public string? AdviceForSingle { get; init; }

    /// <summary>
    /// How long after the failure an operator may sensibly retry the recipient: null = never for this message;
    /// zero = as soon as the advice has been followed. Holds for refused recipients and for <c>failed</c> statuses alike:
    /// in both the message has provably not been delivered.
    /// </summary>
    public TimeSpan? RetryableByOperatorAfter { get; init; }

    /// <summary>What the error says about the recipient beyond this message.</summary>
    public MetaSuppression Suppression { get; init; }

    /// <summary>
    /// The class when the code comes in a <c>failed</c> status. There nothing is uncertain, the message has failed, so the codes
    /// that leave a send uncertain become <see cref="MetaErrorClass.RetryLater"/>. The stop classes still stop their scope.
    /// </summary>
    public MetaErrorClass FailedClass => Class == MetaErrorClass.Uncertain ? MetaErrorClass.RetryLater : Class;

    /// <summary>Stable name of the class of a failed or refused recipient, as the API takes it in <c>classes</c>.</summary>
    public string FailedClassName => FailedClass.Name();

    /// <summary>
    /// True if everything like this message will be declined as well: the caller pauses <see cref="Scope"/>
    /// and keeps the recipient for later.
    /// </summary>
    public bool StopsSending => Class is MetaErrorClass.StopCampaign or MetaErrorClass.StopAccount;

    /// <summary>True if the code proves that Meta did not take the message and the sender may post it again by itself.</summary>
    public bool IsSafeToRepeat =>
        Class is MetaErrorClass.RetryLater or MetaErrorClass.SlowDown or MetaErrorClass.RecipientWait;

    /// <summary>Wait before the next attempt, see <see cref="MetaWait.After"/>.</summary>
    public TimeSpan RetryAfter(int attempt, double jitter) => Wait.After(attempt, jitter);
}
