namespace OrleansBsp.Core.Webhooks;

/// <summary>Collects what a body holds. A list is made with its first element: most bodies hold one status and nothing else.</summary>
internal sealed class ContentBuilder
{
    private List<StatusUpdate>? _statuses;
    private List<InboundMessage>? _inbound;
    private List<Preference>? _preferences;
    private List<TemplateEvent>? _templates;
    private List<NumberEvent>? _numbers;
    private List<AccountEvent>? _accounts;
    private List<MessageEcho>? _echoes;
    private List<UserAction>? _actions;
    private List<ValueError>? _errors;
    private List<OtherEvent>? _others;
    private List<NotUnderstood>? _notUnderstood;

    public void Add(StatusUpdate status) => (_statuses ??= new(1)).Add(status);

    public void Add(InboundMessage message) => (_inbound ??= new(1)).Add(message);

    public void Add(Preference preference) => (_preferences ??= new(1)).Add(preference);

    public void Add(TemplateEvent change) => (_templates ??= new(1)).Add(change);

    public void Add(NumberEvent change) => (_numbers ??= new(1)).Add(change);

    public void Add(AccountEvent change) => (_accounts ??= new(1)).Add(change);

    public void Add(MessageEcho echo) => (_echoes ??= new(1)).Add(echo);

    public void Add(UserAction action) => (_actions ??= new(1)).Add(action);

    public void Add(ValueError error) => (_errors ??= new(1)).Add(error);

    public void Add(OtherEvent other) => (_others ??= new(1)).Add(other);

    public void Add(NotUnderstood element) => (_notUnderstood ??= new(1)).Add(element);

    public WebhookContent Build() => new()
    {
        Statuses = Or(_statuses),
        Inbound = Or(_inbound),
        Preferences = Or(_preferences),
        Templates = Or(_templates),
        Numbers = Or(_numbers),
        Accounts = Or(_accounts),
        Echoes = Or(_echoes),
        Actions = Or(_actions),
        Errors = Or(_errors),
        Others = Or(_others),
        NotUnderstood = Or(_notUnderstood),
    };

    private static IReadOnlyList<T> Or<T>(IReadOnlyList<T>? list) => list ?? [];
}
