using System.Collections.Frozen;
using static OrleansBsp.Core.Messages.MetaErrorClass;
using static OrleansBsp.Core.Messages.MetaErrorScope;

namespace OrleansBsp.Core.Messages;

/// <summary>
/// Every error code of Meta that we know, exactly once (reference 2.3–2.8). No other file knows a code number.
/// </summary>
/// <remarks>
/// <para>Where the reference leaves a choice:</para>
/// <list type="bullet">
/// <item>0, 10, 104, 190, 131005: the access token is kept per WABA, so the WABA stops. If one token serves several, each
/// finds out with its own first answer, and no recipient is lost by it. A missing token (104) is a fault of ours in every
/// request of the WABA, so it stops the WABA instead of refusing its recipients one by one.</item>
/// <item>132012 (parameter format) refuses the recipient, because one row's data can cause it: as a stop, that row would
/// stop the campaign again at each resume. If it is structural, the repeats stop the campaign.</item>
/// <item>Set-up codes that a send does not meet (registration, templates, calls, groups) have the class their own call needs.</item>
/// </list>
/// </remarks>
public static class MetaErrorTable
{
    private static readonly TimeSpan Now = TimeSpan.Zero;
    private static readonly MetaWait Hourly = new(Minutes(1), 2, Hours(1));

    /// <summary>Time-out, reset after the request was written, or an answer that says nothing.</summary>
    public static MetaErrorRule NoAnswer { get; } = One(-1, Uncertain, Message, new(Seconds(5), 2, Minutes(5)), Minutes(5),
        "No usable answer", "The message may or may not be on its way. Wait for its delivery status before sending it again.");

    /// <summary>Connection refused, no DNS, no TLS: not a byte of the request was written.</summary>
    public static MetaErrorRule NotSent { get; } = One(-2, RetryLater, App, MetaWait.Backoff, Now,
        "Meta could not be reached", "Nothing was sent; it is repeated by itself. If it lasts, check network, DNS and proxy.");

    /// <summary>HTTP 429 without a code, or with one we do not know.</summary>
    public static MetaErrorRule TooManyRequests { get; } = One(-3, SlowDown, Number, MetaWait.Backoff, Minutes(1),
        "Too many requests", "Sending slows down by itself. If it lasts, lower the number's own limit.");

    /// <summary>HTTP 4xx without a code.</summary>
    public static MetaErrorRule Declined { get; } = One(-4, Fix, Message, MetaWait.None, Hours(1),
        "Declined without a code", "Read the details; if they say nothing, retry one recipient before retrying all.");

    /// <summary>A code that is not in the table, in an answer of HTTP 4xx or in a <c>failed</c> status.</summary>
    public static MetaErrorRule UnknownCode { get; } = One(-5, Fix, Message, MetaWait.None, Hours(1),
        "Error code new to us", "Look the code up in Meta's documentation and tell the developers; retry one recipient before retrying all.");

    /// <summary>A code that is not in the table, in an answer that is no HTTP 4xx.</summary>
    public static MetaErrorRule UnknownFault { get; } = One(-6, Uncertain, Message, new(Seconds(5), 2, Minutes(5)), Minutes(5),
        "Error code new to us, server fault", "The message may or may not be on its way. Wait for its delivery status; tell the developers the code.");

    /// <summary>Never posted: the row's own data cannot make a message (an empty value without a fallback, a text too long).</summary>
    public static MetaErrorRule NotSendable { get; } = One(-7, Fix, Message, MetaWait.None, null,
        "The row's data cannot make a message", "Mend the value that is named, or give its variable a fallback, and send it in a new campaign.");

    /// <summary>All rules with a code, in the order of the reference.</summary>
    public static IReadOnlyList<MetaErrorRule> Rules { get; } =
    [
        // 2.3 Authorisation and Graph-level
        Stop(0, Waba, "Access token not accepted", "Operator: issue a new access token for the WABA (or unblock the app) and enter it."),
        Unsure(1, "Unknown API error", "Wait for the delivery status. If it repeats, show the details to a developer."),
        Unsure(2, "Meta overloaded or down for a moment", "Wait for the delivery status; Meta recovers by itself."),
        Stop(3, App, "App lacks the capability for this call", "Operator: check the app's products and permissions in Meta's App Dashboard."),
        Slow(4, App, Hourly, "Call limit of the app reached", "Sending slows down by itself; if it repeats, spread other use of the app."),
        Stop(10, Waba, "Permission not granted or removed", "Operator: grant whatsapp_business_messaging to the token's system user again."),
        Slow(17, App, Hourly, "Call limit of the token's user reached", "Sending slows down by itself; avoid other tools with the same token."),
        Stop(33, Number, "Phone number deleted or not visible", "Operator: check that the number still belongs to the WABA and that the token may see it."),
        Slow(80007, Waba, new(Seconds(10), 2, Minutes(10)), "Call limit of the WABA reached", "Sending of the whole WABA slows down by itself."),
        Slow(80008, WabaTemplates, Hourly, "Template calls too frequent", "Template changes wait by themselves; sending goes on."),
        Wrong(100, "A parameter is wrong", "Check the recipient's data and the campaign's mapping against the details.", Now)
            with { AdviceForSingle = "Correct what the details name and send the message anew." },
        Stop(104, Waba, "Access token missing", "Operator: enter the WABA's access token."),
        Stop(190, Waba, "Access token expired or invalid", "Operator: issue a new access token for the WABA and enter it; then resume."),
        Range(200, 299, StopAccount, Waba, Now, "No access to this asset", "Operator: assign the WABA to the token's system user with messaging permission."),
        Stop(368, Waba, "WABA restricted for policy reasons", "Operator: read the restriction and its end in WhatsApp Manager, appeal if wrong; resume when it has ended."),
        Slow(613, Feature, Hourly, "Call-permission lookups too frequent", "Nothing to do; only calling waits."),
        Wrong(803, "Object not found", "Operator: check the ids of number, media and template.", Now),

        // 2.4 Messaging
        Refuse(130403, "You have blocked this user", "Unblock the user before writing again.", Now)
            with { Suppression = MetaSuppression.UntilUnblocked },
        Slow(130429, Number, MetaWait.Backoff, "Throughput of the number exceeded", "Sending slows down by itself; other tools on the same number count too."),
        Refuse(130472, "User is in Meta's experiment", "Nothing to do: Meta withholds marketing messages from this user; not billed.")
            with { Suppression = MetaSuppression.ThisCampaign },
        Range(130497, 130497, RefuseRecipient, Country, null, "Country not allowed for this business", "Operator: leave this country out; Meta does not let the WABA write to it.")
            with { Suppression = MetaSuppression.Country },
        Unsure(131000, new(Seconds(5), 6, Minutes(2)), "Something went wrong at Meta", "Wait for the delivery status; if many fail, see Meta's status page."),
        Stop(131005, Waba, "Access denied", "Operator: check token and permissions of the WABA."),
        Wrong(131008, "A required parameter is missing", "Developer: the request lacks what the details name.", Now),
        Wrong(131009, "A parameter value is invalid", "Correct the value that the details name.", Now),
        Unsure(131016, "Service unavailable", "Wait for the delivery status; Meta recovers by itself."),
        Feat(131020, "Group problem", "Concerns groups only; see the details."),
        Wrong(131021, "Recipient is the sender itself", "Take the business number out of the audience.", null),
        Refuse(131026, "Not deliverable to this recipient", "Probably not on WhatsApp, an old app, or terms not accepted. Leave the number out if it repeats.")
            with { Suppression = MetaSuppression.WhenRepeated },
        Wrong(131030, "Recipient not on the test number's list", "Add the recipient to the test number's list, or send from a real number.", Now),
        Stop(131031, Waba, "Account locked", "Operator: see WhatsApp Manager for the violation or the wrong PIN, and appeal."),
        Stop(131037, Number, "Display name not approved", "Operator: have the number's display name approved."),
        Feat(131041, "Group error", "Concerns groups only; see the details."),
        Stop(131042, Waba, "Payment problem", "Operator: put the payment method, credit line, currency and time zone of the WABA in order; then retry."),
        Feat(131044, "Payment problem for calls", "Operator: put the payment method in order; messages are not concerned."),
        Stop(131045, Number, "Number not registered properly", "Operator: register the number again."),
        Refuse(131047, "Customer service window is closed", "Send a template instead."),
        Range(131048, 131048, StopAccount, Number, Hours(24), "Number restricted as spam", "Operator: pause its campaigns for a day at least, check quality and audience, then start slowly."),
        Hold(131049, MetaWait.Always(Hours(24)), Hours(24), "Meta chose not to deliver (too much marketing)", "Wait a day at least; repeating earlier prolongs the block for this user.")
            with { Suppression = MetaSuppression.MarketingForNow },
        Refuse(131050, "User stopped marketing messages", "Do not send marketing until the user resumes it.")
            with { Suppression = MetaSuppression.MarketingUntilResumed },
        Wrong(131051, "Unsupported message type", "Developer: this type cannot be sent.", null),
        Wrong(131052, "Media could not be downloaded", "Check that the link opens without login; or ask the user to send it again.", Now),
        Wrong(131053, "Media could not be processed", "Check link, format and size of the media; better upload it once and use its id.", Now),
        Wrong(131055, "Method not allowed", "Only marketing content may go through this route.", null),
        // Pair limit: Meta's own rule is 4^X s, X = 0, 1, 2 …; a full burst of 45 is paid back after 270 s (reference 3.2).
        Hold(131056, new(Seconds(1), 4, Seconds(1024)), Minutes(5), "Too many messages to this user", "It is repeated by itself; other recipients are not concerned."),
        Later(131057, Number, Seconds(60), "Number in maintenance", "It is repeated by itself after a minute."),
        Feat(131059, "Paging cursor expired", "The list is read again from its start."),
        Pause(131061, Campaign, "Maximum-price template on the ordinary route", "Operator: use a template without a maximum price.")
            with { AdviceForSingle = "Send another template: one with a maximum price does not go this way." },
        Refuse(131062, "Recipient without phone number not possible here", "Authentication templates need the phone number.", Now),
        Pause(131063, Campaign, "Marketing templates switched off for this WABA", "Operator: allow marketing templates on Cloud API in the WABA's settings."),
        Stop(131064, WabaUtility, "Utility sends limited (templates misclassified)", "Operator: correct the templates' categories; the limit ends by itself."),
        Feats(131201, 131207, "Group error", "Concerns groups only; see the details."),
        Slow(131208, Feature, MetaWait.Backoff, "Group calls too frequent", "Concerns groups only."),
        Feats(131209, 131215, "Group error", "Concerns groups only; see the details."),
        Pause(134011, Campaign, "Terms of WhatsApp Payments not accepted", "Operator: accept the terms in WhatsApp Manager."),
        Wrong(134100, "Only marketing templates on this route", "Operator: use the ordinary route for this template.", null),
        Later(134101, Template, Minutes(10), "Template still being synchronised", "It is repeated by itself after ten minutes."),
        Pause(134102, Campaign, "Template not available on the marketing route", "Operator: finish Meta's onboarding for the Marketing Messages API."),
        Pause(134103, Campaign, "Marketing route restricted", "Operator: see the restriction in WhatsApp Manager."),
        Wrong(135000, "Parameters not accepted", "Check the request against the details; if they say nothing, retry one recipient.", Now),
        Refuse(137000, "Recipient's identity has changed", "Verify the user's identity again before writing.", Now)
            with { Suppression = MetaSuppression.UntilVerified },
        Stop(139200, Feature, "Direct send blocked", "Operator: use an approved template; direct send is closed to this account."),

        // 2.5 Templates at send time
        Pause(132000, Campaign, "Number of parameters does not fit the template", "Operator: correct the campaign's mapping.")
            with { AdviceForSingle = "Give as many parameters as the template has variables and send the message anew." },
        Pause(132001, Template, "Template missing in this language, or not approved", "Operator: synchronise templates; check name, language and approval.")
            with { AdviceForSingle = "Synchronise templates, check name, language and approval, and send the message anew." },
        Wrong(132005, "Text too long with this recipient's values", "Shorten the recipient's values.", null),
        Pause(132007, Template, "Content against Meta's policy", "Operator: change the template's text or the values.")
            with { AdviceForSingle = "Change the template's text or the values and send the message anew." },
        Wrong(132008, "A template parameter is invalid", "Correct the recipient's value.", Now),
        Wrong(132012, "Format of a parameter does not fit the template", "Check the recipient's values; if all fail, the mapping (header media, types).", Now)
            with { AdviceForSingle = "Correct the parameters (header media, types) and send the message anew." },
        Pause(132015, Template, "Template paused for low quality", "Operator: improve the template; retry after Meta reports it approved again."),
        Range(132016, 132016, StopCampaign, Template, null, "Template disabled for quality", "Operator: make a new template; this one is lost for good.")
            with { AdviceForSingle = "Send another template; this one is lost for good." },
        Wrong(132018, "Template parameters failed validation", "Look for empty values, line breaks, tabs and runs of spaces.", Now),
        Pause(132068, Template, "Flow of the template is blocked", "Operator: repair the flow in WhatsApp Manager."),
        Range(132069, 132069, StopCampaign, Template, Hours(1), "Flow of the template is throttled", "Operator: repair the flow's endpoint; until then Meta lets ten messages an hour through."),

        // 2.6 Registration and account set-up
        Stop(133000, Number, "Earlier deregistration not finished", "Operator: deregister the number again."),
        Unsure(133004, "Server not available for a moment", "Wait for the delivery status; read the details."),
        Stop(133005, Number, "Two-step PIN is wrong", "Operator: enter the right PIN."),
        Stop(133006, Number, "Number must be verified again", "Operator: verify the number with a code."),
        Stop(133008, Number, "Too many wrong PINs", "Operator: wait as long as the details say."),
        Later(133009, Number, Minutes(1), "PIN entered too fast", "Wait a minute and enter the PIN again."),
        Stop(133010, Number, "Number not registered", "Operator: register the number."),
        Later(133015, Number, Minutes(5), "Number was deleted a moment ago", "Wait five minutes and register again."),
        Later(133016, Number, Hours(72), "Registered too often (10 in 72 h)", "Wait three days."),
        Stop(141002, Number, "Health check reports a fault", "Operator: read the number's health status in WhatsApp Manager."),
        Feats(147001, 147005, "Business username not possible", "Operator: see the details; link the Page or Instagram account, or transfer the name."),
        Later(2494100, Number, Minutes(5), "Number in maintenance mode", "It is repeated by itself after some minutes."),
        Feats(2494164, 2494179, "In-App Signup error", "Operator: see the details."),
        Feat(2593079, "WABA migration error", "Operator: see the details."),
        Feat(2593085, "WABA migration error", "Operator: see the details."),
        Feat(2593107, "Phone app synchronised too often", "Operator: nothing more to do; it was already asked for."),
        Feat(2593108, "Phone app synchronised too late", "Operator: offboard and connect the number again; there are only 24 h."),
        Feat(2593109, "History sharing is off", "The user chose not to share the history."),

        // 2.7 Template management. Meta does not say whether they come as code or as subcode of 100: both are looked up.
        Tmpl(2388019, "Template limit of the WABA reached", "Operator: delete templates that are not used."),
        Tmpl(2388023, "Language being deleted", "Operator: wait, or use another name."),
        Tmpl(2388024, "Template exists in this language already", "Operator: edit it, or use another name."),
        Tmpl(2388039, "Status cannot change now", "Operator: wait until the review has ended."),
        Tmpl(2388040, "A field is too long", "Operator: shorten the field."),
        Tmpl(2388047, "Header format", "Operator: correct the header."),
        Tmpl(2388072, "Body format", "Operator: correct the body."),
        Tmpl(2388073, "Footer format", "Operator: correct the footer."),
        Tmpl(2388293, "Too many variables for so little text", "Operator: add text, or take variables out."),
        Tmpl(2388299, "Variable at the start or the end", "Operator: put text before the first and after the last variable."),
        Tmpl(2388318, "Generated template cannot be changed", "Operator: make a template of your own."),
        Tmpl(2388330, "Generated template cannot be deleted", "Nothing to do."),
        Tmpl(200005, "Template insights not available", "Nothing to do; numbers of our own are shown."),
        Tmpl(200006, "Template insights cannot be switched off", "Nothing to do."),
        Tmpl(200007, "Template insights not switched on", "Operator: switch insights on for the WABA."),
        Feat(136024, "Number management refused", "Operator: see the details."),

        // 2.8 Other families
        Feat(138000, "Calling not enabled", "Operator: enable calling for the number."),
        Feat(138001, "User cannot be called", "Concerns calls only."),
        Slow(138002, Feature, MetaWait.Backoff, "1,000 calls at once", "Concerns calls only."),
        Feat(138003, "Call exists already", "Concerns calls only."),
        Feat(138004, "Call could not be connected", "Concerns calls only."),
        Slow(138005, Feature, MetaWait.Backoff, "Call requests too frequent", "Concerns calls only."),
        Feat(138006, "User did not permit calls", "Concerns calls only."),
        Feat(138007, "Call timed out", "Concerns calls only."),
        Feat(138008, "Calling error", "Concerns calls only; see the details."),
        Feat(138009, "Call permission asked too often", "Concerns calls only."),
        Feats(138010, 138011, "Calling error", "Concerns calls only; see the details."),
        Feat(138012, "Daily limit of calls to this user", "Concerns calls only."),
        Feats(138013, 138018, "Calling error", "Concerns calls only; see the details."),
        Feats(139000, 139004, "Flow could not be created, published or removed", "Operator: see the details in WhatsApp Manager."),
        Feat(139100, "Some users could not be blocked", "Operator: see the list of users in the details."),
        Feat(139101, "Block list is full (64,000)", "Operator: unblock users first."),
        Later(139102, Feature, Seconds(5), "Block list is being changed by another call", "It is repeated by itself."),
        Feat(139103, "Block list: fault at Meta", "Try again later."),
        Feat(1752041, "Onboarding of the marketing route asked twice", "Nothing to do."),
        Feat(2388001, "Phone migration error", "Operator: see the details."),
        Feat(2388012, "Phone migration error", "Operator: see the details."),
        Feat(2388091, "Phone migration error", "Operator: see the details."),
        Feat(2388093, "Phone migration error", "Operator: see the details."),
        Feat(2388103, "Phone migration error", "Operator: see the details."),
    ];

    // A code listed twice makes this throw at the first use, which every test run meets.
    private static readonly FrozenDictionary<int, MetaErrorRule> ByCode = Rules
        .SelectMany(rule => Enumerable.Range(rule.Code, rule.LastCode - rule.Code + 1).Select(code => KeyValuePair.Create(code, rule)))
        .ToDictionary()
        .ToFrozenDictionary();

    /// <summary>The rule of a known code, or null.</summary>
    public static MetaErrorRule? FindOrNull(int code) => ByCode.GetValueOrDefault(code);

    /// <summary>The rule for a code in a <c>failed</c> status or another webhook; null when Meta gave none.</summary>
    public static MetaErrorRule ForFailed(int? code) =>
        code is { } known ? FindOrNull(known) ?? UnknownCode : UnknownCode;

    /// <summary>The rule for the answer to a call. HTTP status only counts where the code says nothing (reference 2.9).</summary>
    /// <param name="code">Meta's <c>error.code</c>; null when the answer had none.</param>
    /// <param name="subcode">Meta's <c>error.error_subcode</c>: for a plain "wrong parameter" it may hold the real code (reference 2.1).</param>
    /// <param name="httpStatus">Status of the answer.</param>
    public static MetaErrorRule ForAnswer(int? code, int? subcode, int httpStatus)
    {
        if (code is { } given && FindOrNull(given) is { } rule)
        {
            return given == 100 && subcode >= 1_000_000 && FindOrNull(subcode.Value) is { } closer ? closer : rule;
        }

        // A code we do not know with 429 is a new kind of limit: nothing was taken, and refusing people for it would be wrong.
        return httpStatus switch
        {
            429 => TooManyRequests,
            408 => code is null ? NoAnswer : UnknownFault,
            >= 400 and < 500 => code is null ? Declined : UnknownCode,
            _ => code is null ? NoAnswer : UnknownFault,
        };
    }

    private static TimeSpan Seconds(int n) => TimeSpan.FromSeconds(n);

    private static TimeSpan Minutes(int n) => TimeSpan.FromMinutes(n);

    private static TimeSpan Hours(int n) => TimeSpan.FromHours(n);

    // The rows' vocabulary: one short verb per class, with what most of its codes have in common.

    private static MetaErrorRule Later(int code, MetaErrorScope scope, TimeSpan wait, string title, string advice) =>
        One(code, RetryLater, scope, MetaWait.Always(wait), wait, title, advice);

    private static MetaErrorRule Slow(int code, MetaErrorScope scope, MetaWait wait, string title, string advice) =>
        One(code, SlowDown, scope, wait, Minutes(1), title, advice);

    private static MetaErrorRule Hold(int code, MetaWait wait, TimeSpan operatorAfter, string title, string advice) =>
        One(code, RecipientWait, Recipient, wait, operatorAfter, title, advice);

    private static MetaErrorRule Refuse(int code, string title, string advice, TimeSpan? operatorAfter = null) =>
        One(code, RefuseRecipient, Recipient, MetaWait.None, operatorAfter, title, advice);

    private static MetaErrorRule Pause(int code, MetaErrorScope scope, string title, string advice) =>
        One(code, StopCampaign, scope, MetaWait.None, Now, title, advice);

    private static MetaErrorRule Stop(int code, MetaErrorScope scope, string title, string advice) =>
        One(code, StopAccount, scope, MetaWait.None, Now, title, advice);

    private static MetaErrorRule Wrong(int code, string title, string advice, TimeSpan? operatorAfter) =>
        One(code, Fix, Message, MetaWait.None, operatorAfter, title, advice);

    private static MetaErrorRule Tmpl(int code, string title, string advice) =>
        One(code, Fix, WabaTemplates, MetaWait.None, null, title, advice);

    private static MetaErrorRule Feat(int code, string title, string advice) => Feats(code, code, title, advice);

    private static MetaErrorRule Feats(int code, int last, string title, string advice) =>
        Range(code, last, Fix, Feature, null, title, advice);

    private static MetaErrorRule Unsure(int code, string title, string advice) =>
        Unsure(code, new(Seconds(5), 2, Minutes(5)), title, advice);

    private static MetaErrorRule Unsure(int code, MetaWait wait, string title, string advice) =>
        One(code, Uncertain, Message, wait, Minutes(5), title, advice);

    private static MetaErrorRule Range(
        int code, int last, MetaErrorClass kind, MetaErrorScope scope, TimeSpan? operatorAfter, string title, string advice) =>
        One(code, kind, scope, MetaWait.None, operatorAfter, title, advice) with { LastCode = last };

    private static MetaErrorRule One(
        int code, MetaErrorClass kind, MetaErrorScope scope, MetaWait wait, TimeSpan? operatorAfter, string title, string advice) =>
        new()
        {
            Code = code,
            LastCode = code,
            Class = kind,
            Scope = scope,
            Wait = wait,
            RetryableByOperatorAfter = operatorAfter,
            Title = title,
            Advice = advice,
        };
}
