using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Core.Templates;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Everything that sending one campaign needs and that does not change while it runs.</summary>
internal sealed record CampaignDispatch(
    CampaignDefinition Campaign,
    CompiledTemplate Template,
    AccountAccess Access,
    PhoneNumberId PhoneNumber,
    GraphClient Graph,
    Circuit Circuit,
    SendClock SendClock,
    string Silo,
    TimeProvider Clock,
    CampaignTraces Traces);
