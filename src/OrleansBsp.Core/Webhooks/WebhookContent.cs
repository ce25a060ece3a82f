namespace OrleansBsp.Core.Webhooks;

/// <summary>
/// All that one webhook body says, sorted by kind. Within a list the order is that of the body, which means nothing:
/// Meta repeats and reorders (reference 5.3). Lists that nothing fell into are empty and shared.
/// </summary>
public sealed record WebhookContent
{
    /// <summary>Delivery statuses of messages we sent.</summary>
    public IReadOnlyList<StatusUpdate> Statuses { get; init; } = [];

    /// <summary>Messages from users; reactions, system notices and calls included.</summary>
    public IReadOnlyList<InboundMessage> Inbound { get; init; } = [];

    /// <summary>Users who stopped, resumed or signed up for marketing.</summary>
    public IReadOnlyList<Preference> Preferences { get; init; } = [];

    /// <summary>Changes of templates.</summary>
    public IReadOnlyList<TemplateEvent> Templates { get; init; } = [];

    /// <summary>Changes of phone numbers.</summary>
    public IReadOnlyList<NumberEvent> Numbers { get; init; } = [];

    /// <summary>Changes of the WABA or the portfolio.</summary>
    public IReadOnlyList<AccountEvent> Accounts { get; init; } = [];

    /// <summary>Messages the business sent from its phone app (coexistence).</summary>
    public IReadOnlyList<MessageEcho> Echoes { get; init; } = [];

    /// <summary>Clicks reported by the Marketing Messages API.</summary>
    public IReadOnlyList<UserAction> Actions { get; init; } = [];

    /// <summary>Problems of a number, app or account that belong to no single message (<c>value.errors</c>).</summary>
    public IReadOnlyList<ValueError> Errors { get; init; } = [];

    /// <summary>Fields we know and do not act on: history, flows, groups and the like.</summary>
    public IReadOnlyList<OtherEvent> Others { get; init; } = [];

    /// <summary>What could not be read. Its neighbours have been.</summary>
    public IReadOnlyList<NotUnderstood> NotUnderstood { get; init; } = [];
}
