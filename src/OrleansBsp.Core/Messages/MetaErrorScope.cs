namespace OrleansBsp.Core.Messages;

/// <summary>What an error concerns: where to slow down, what to stop, whom to leave alone.</summary>
public enum MetaErrorScope
{
    /// <summary>This one request.</summary>
    Message,

    /// <summary>The recipient, seen from this phone number.</summary>
    Recipient,

    /// <summary>All recipients of the same country.</summary>
    Country,

    /// <summary>The campaign: its mapping, its route, its settings.</summary>
    Campaign,

    /// <summary>The template in that language, hence every campaign that uses it.</summary>
    Template,

    /// <summary>The business phone number.</summary>
    Number,

    /// <summary>The WhatsApp Business Account with all its numbers.</summary>
    Waba,

    /// <summary>Utility templates of the WABA; marketing and authentication go on.</summary>
    WabaUtility,

    /// <summary>Template management calls of the WABA (create, edit, list); sending goes on.</summary>
    WabaTemplates,

    /// <summary>The Meta app, hence every WABA it serves.</summary>
    App,

    /// <summary>A feature outside ordinary sends (groups, calls, flows, set-up, direct send): ordinary sends go on.</summary>
    Feature,
}
