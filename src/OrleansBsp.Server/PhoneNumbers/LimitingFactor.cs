namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>What keeps a number or a campaign from sending faster: in words for screens, and in a word for measures, whose labels must be few.</summary>
internal static class LimitingFactor
{
    public const string Throughput = "Meta's throughput for this number";
    public const string OwnLimitOfNumber = "your own limit for this number";
    public const string OwnLimitOfCampaign = "your own limit for this campaign";
    public const string Throttled = "slowed down after Meta's throughput limit was hit";
    public const string Moving = "the number is moving to another silo";
    public const string FormerOwner = "waiting until the former owner's right to send has ended";
    public const string TokenUnreadable = "this server cannot read the account's access token (its log says what to do)";
    public const string Answers = "waiting for Meta's answers";
    public const string NoAnswer = "Meta does not answer";
    public const string Unrecorded = "our database";
    public const string DatabaseDown = "the database does not answer";
    public const string DatabaseOrClusterDown = "the database or the cluster does not answer";
    public const string QueueDown = "the queue does not answer";
    public const string QueueBusy = "waiting for messages that are on their way through the queue";
    public const string NothingLeft = "waiting for word of what has been sent";

    public static string Label(string words) => words switch
    {
        "" => "nothing",
        Throughput => "throughput",
        OwnLimitOfNumber => "number_limit",
        OwnLimitOfCampaign => "campaign_limit",
        Throttled => "throttled",
        Moving or FormerOwner => "takeover",
        TokenUnreadable => "token",
        Answers => "answers",
        NoAnswer => "meta_down",
        Unrecorded => "database_slow",
        DatabaseDown or DatabaseOrClusterDown => "database_down",
        QueueDown or QueueBusy => "queue",
        NothingLeft => "waiting",
        _ => "stopped", // the number or its account, with a reason of its own
    };
}
