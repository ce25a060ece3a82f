using Orleans.Serialization.TypeSystem;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting.Silos;

/// <summary>Our grain classes as Orleans' statistics name them.</summary>
internal static class GrainKinds
{
    /// <summary>The word of the interface for each class.</summary>
    public static readonly IReadOnlyDictionary<string, string> ByClass = new Dictionary<string, string>
    {
        [typeof(CampaignGrain).FullName!] = "campaigns",
        [typeof(PhoneNumberGrain).FullName!] = "phoneNumbers",
        [typeof(ConversationGrain).FullName!] = "conversations",
        [typeof(InboxGrain).FullName!] = "inboxShards",
        [typeof(SupervisorGrain).FullName!] = "supervisors",
    };

    /// <summary>Those that live long and work all the time: where they are matters. Conversations rest and go to wherever they are called next.</summary>
    public static readonly IReadOnlyList<string> LongLived = [typeof(CampaignGrain).FullName!, typeof(PhoneNumberGrain).FullName!, typeof(InboxGrain).FullName!];

    /// <summary>Of those, as Orleans is asked for them: with the assembly.</summary>
    public static readonly IReadOnlyDictionary<string, string> StatisticsNames =
        ((Type[])[typeof(CampaignGrain), typeof(PhoneNumberGrain), typeof(InboxGrain)]).ToDictionary(type => type.FullName!, RuntimeTypeNameFormatter.Format);

    /// <summary>Without the assembly.</summary>
    public static string Class(string grainType) => grainType.Split(',')[0];
}
