using FsCheck;
using FsCheck.Fluent;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

/// <summary>One thing that becomes known of a message's first attempt: its answer, its end, or a status.</summary>
/// <remarks>Times and codes come from small ranges, so that equal ones and ties are common.</remarks>
public sealed record Knowledge(string What, int Second = 0, int? Code = null, string? Detail = null)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Knowledge> Ends = Gen.Elements<Knowledge>(
        new("Retrying", 0, 131057, "in maintenance"), new("Uncertain", 0, 131000, "something went wrong"), new("Refused", 0, 131026, "undeliverable"));

    private static readonly Gen<Knowledge> Acceptances =
        from what in Gen.Elements("Accept", "Hold") from second in Gen.Choose(0, 3) select new Knowledge(what, second);

    private static readonly Gen<Knowledge> Statuses =
        from what in Gen.Elements("Sent", "Delivered", "Read") from second in Gen.Choose(0, 3) select new Knowledge(what, second);

    private static readonly Gen<Knowledge> Failures =
        from second in Gen.Choose(0, 3)
        from code in Gen.Elements<int?>(null, 131026, 131049)
        from detail in Gen.Elements(null, "one", "other")
        select new Knowledge("Failed", second, code, detail);

    /// <summary>Everything that Meta took it, if it did.</summary>
    public bool IsFromMeta => What is not ("Retrying" or "Uncertain" or "Refused");

    public static Arbitrary<Knowledge> Arbitrary() => Gen.OneOf(Ends, Acceptances, Statuses, Failures).ToArbitrary();

    public MessageRecord ApplyTo(MessageRecord message) => What switch
    {
        "Accept" => message.Accept("wamid", "wa", held: false, At),
        "Hold" => message.Accept("wamid", "wa", held: true, At),
        "Retrying" => message.RefuseForNow(1, 2, Code, Detail),
        "Uncertain" or "Refused" => message.EndAttempt(1, Enum.Parse<MessageState>(What), Code, Detail),
        _ => message.See(Enum.Parse<MessageStatus>(What), "wamid", At, Code, Detail),
    };

    public MessageState State => What switch
    {
        "Accept" => MessageState.Accepted,
        "Hold" => MessageState.Held,
        _ => Enum.Parse<MessageState>(What),
    };

    public DateTimeOffset At => Noon.AddSeconds(Second);
}
