namespace OrleansBsp.Core.Messages;

/// <summary>
/// What an error says about the recipient beyond this message, for the audience of other campaigns (reference 7.3).
/// Consent and suppression read it from the rule, so that they need no code number.
/// </summary>
public enum MetaSuppression
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The user stopped marketing from this business: an opt-out, until the user resumes it.</summary>
    MarketingUntilResumed,

    /// <summary>The user has had enough marketing for now: none for the rule's wait, from anybody.</summary>
    MarketingForNow,

    /// <summary>Meta withholds this campaign's kind of message for an experiment: not again in this campaign.</summary>
    ThisCampaign,

    /// <summary>Undeliverable: leave the number out when it repeats two or three times in a row.</summary>
    WhenRepeated,

    /// <summary>We blocked the user: nothing until unblocked.</summary>
    UntilUnblocked,

    /// <summary>The user's identity has changed: nothing that asked for the old one, until it is verified.</summary>
    UntilVerified,

    /// <summary>Nobody in the recipient's country can be written to from this WABA.</summary>
    Country,
}
