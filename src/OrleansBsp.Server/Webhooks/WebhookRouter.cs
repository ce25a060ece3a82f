using OrleansBsp.Core.Messages;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Contacts;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Webhooks;

/// <summary>
/// Hands the parts of a batch of webhooks to their owners: statuses by token, by wamid where there is none; messages to their
/// conversations; the rest to accounts, templates and contacts. Completes when all owners have committed. Repeating it changes nothing.
/// </summary>
public sealed class WebhookRouter(
    InboxStore inbox, PhoneNumberStore numbers, ContactStore contacts, MetaChanges changes, IGrainFactory grains, TimeProvider clock, ILogger<WebhookRouter> log)
{
    // A part that fails this often for a reason of its own is put aside, so that one poisoned message does not stop all the others.
    private const int TriesBeforePuttingAside = 6;

    public async Task RouteAsync(short shard, IReadOnlyList<(long Offset, WebhookContent Content)> bodies, int failures, CancellationToken cancel)
    {
        var problems = new ProblemList(bodies);
        var sorted = await SortAsync(bodies, problems, cancel);
        var work = new List<Task>();
        foreach (var (campaign, receipts) in sorted.Campaigns)
            work.Add(RunAsync(bodies[0].Offset, $"campaign {campaign}", () => grains.GetGrain<ICampaignGrain>($"c:{campaign}").ApplyReceipts(new CampaignReceiptBatch([.. receipts]))));
        foreach (var (conversation, parts) in sorted.Conversations)
            work.Add(RunAsync(bodies[0].Offset, $"conversation {conversation}", () => grains.GetGrain<IConversationGrain>($"w:{conversation}").Receive(new ConversationBatch([.. parts.Inbound], [.. parts.Statuses]))));
        work.Add(InOrderAsync("consent", content => content.Preferences.Count > 0 || content.Statuses.Any(SaysStop), content => ApplyConsentAsync(content, cancel)));
        work.Add(InOrderAsync("account events", MetaChanges.IsIn, content => changes.ApplyAsync(content, cancel)));
        await Task.WhenAll(work);
        if (problems.Found.Count > 0)
        {
            await inbox.AddProblemsAsync(shard, problems.Found, cancel);
            log.PutAside(shard, problems.Found.Count, bodies[0].Offset, bodies[^1].Offset, problems.Example);
        }

        // Unlike statuses these overwrite one another: of PAUSED and APPROVED, of stop and resume, the one that came last must stand.
        async Task InOrderAsync(string part, Func<WebhookContent, bool> isIn, Func<WebhookContent, Task> apply)
        {
            foreach (var (offset, content) in bodies)
                if (isIn(content)) await RunAsync(offset, part, () => apply(content));
        }

        async Task RunAsync(long offset, string part, Func<Task> apply)
        {
            try
            {
                await apply();
            }
            catch (Exception failure) when (failure is KeyNotFoundException || (failures >= TriesBeforePuttingAside && !Passing.Is(failure)))
            {
                lock (problems) problems.AddFailure(offset, part, failure);
            }
        }
    }

    // A refused message is older than what the person says in the same body.
    private async Task ApplyConsentAsync(WebhookContent content, CancellationToken cancel)
    {
        await contacts.StopMarketingAsync([.. content.Statuses.Where(SaysStop)], cancel);
        await contacts.ApplyPreferencesAsync(content.Preferences, cancel);
    }

    private static bool SaysStop(StatusUpdate status) =>
        status.Error is { } error && MetaErrorTable.ForFailed(error.Code).Suppression == MetaSuppression.MarketingUntilResumed;

    private async Task<Sorted> SortAsync(IReadOnlyList<(long Offset, WebhookContent Content)> bodies, ProblemList problems, CancellationToken cancel)
    {
        var sorted = new Sorted();
        var singles = new List<(MessageToken Token, StatusUpdate Status, long Offset)>();
        var withoutToken = new List<(StatusUpdate Status, long Offset)>();
        var known = await KnownNumbersAsync(bodies, cancel);
        foreach (var (offset, content) in bodies)
        {
            foreach (var status in content.Statuses)
            {
                switch (MessageToken.ParseOrNull(status.Token))
                {
                    case { Kind: MessageTokenKind.Campaign } token: sorted.Add(token.Owner, Receipt(status, token.Position, token.Key)); break;
                    case { Kind: MessageTokenKind.Single } token: singles.Add((token, status, offset)); break;
                    case null: withoutToken.Add((status, offset)); break;
                }
            }

            foreach (var message in content.Inbound)
            {
                if (message.PhoneNumberId is { } number && !known.Contains(number))
                    problems.Add(offset, message.Wamid, $"a message to phone number {number}, which is not ours", message.Raw);
                else if (message.PhoneNumberId is not null && (message.From ?? message.FromUserId) is { } address)
                    sorted.Of($"{message.PhoneNumberId}:{address}").Inbound.Add(Inbound(message));
                else problems.Add(offset, message.Wamid, "an inbound message without a number or a sender", message.Raw);
            }
        }

        if (withoutToken.Count > 0 || singles.Count > 0) await FindAsync(sorted, singles, withoutToken, problems, cancel);
        return sorted;
    }

    private async Task<HashSet<string>> KnownNumbersAsync(IReadOnlyList<(long Offset, WebhookContent Content)> bodies, CancellationToken cancel)
    {
        var named = bodies.SelectMany(body => body.Content.Inbound).Select(message => message.PhoneNumberId).OfType<string>().Distinct().ToList();
        return named.Count == 0 ? [] : await numbers.FindKnownAsync(named, cancel);
    }

    private async Task FindAsync(
        Sorted sorted, List<(MessageToken Token, StatusUpdate Status, long Offset)> singles, List<(StatusUpdate Status, long Offset)> withoutToken,
        ProblemList problems, CancellationToken cancel)
    {
        var wamids = withoutToken.Select(item => item.Status.Wamid).Distinct().ToList();
        var byWamid = wamids.Count == 0
            ? []
            : (await inbox.FindCampaignMessagesAsync(wamids, cancel)).GroupBy(found => found.Wamid).ToDictionary(found => found.Key, found => found.First());
        var found = await inbox.FindSinglesAsync([.. singles.Select(single => single.Token.Owner)], wamids, cancel);
        var singleById = found.ToDictionary(single => single.Id);
        var singleByWamid = found.Where(single => single.Wamid is not null).GroupBy(single => single.Wamid!).ToDictionary(group => group.Key, group => group.First());

        foreach (var (token, status, offset) in singles)
        {
            if (singleById.TryGetValue(token.Owner, out var single)) sorted.Of(single.ConversationId).Statuses.Add(Status(status, single.Id, token.Key));
            else problems.Add(offset, status.Wamid, "a status for a single message that is not ours", status.Token ?? "");
        }

        foreach (var (status, offset) in withoutToken)
        {
            if (byWamid.TryGetValue(status.Wamid, out var message)) sorted.Add(message.CampaignId, Receipt(status, message.Position, null));
            else if (singleByWamid.TryGetValue(status.Wamid, out var single)) sorted.Of(single.ConversationId).Statuses.Add(Status(status, single.Id, null));
            else problems.Add(offset, status.Wamid, $"a status ({status.Kind}) of a message that was not sent from here", status.Token ?? "");
        }
    }

    private CampaignReceipt Receipt(StatusUpdate status, int position, int? key) => new(
        position, key, Kind(status.Kind), status.Wamid, status.At ?? clock.GetUtcNow(), status.Error?.Code, status.Error?.Details ?? status.Error?.Title);

    private ConversationStatus Status(StatusUpdate status, long messageId, int? key) => new(
        messageId, Kind(status.Kind), status.Wamid, status.At ?? clock.GetUtcNow(), status.Error?.Code, status.Error?.Details ?? status.Error?.Title, key);

    private ConversationInbound Inbound(InboundMessage message) => new(
        message.Wamid, message.Type, message.Raw, message.Text ?? "", message.ProfileName ?? "", message.At ?? clock.GetUtcNow(),
        message.OpensWindow, message.ContextWamid, message.FromUserId);

    private static MessageStatus Kind(StatusKind kind) => kind switch
    {
        StatusKind.Sent => MessageStatus.Sent,
        StatusKind.Delivered => MessageStatus.Delivered,
        StatusKind.Read or StatusKind.Played => MessageStatus.Read,
        StatusKind.Failed => MessageStatus.Failed,
        StatusKind.Deleted => MessageStatus.Read, // the user had it in the chat
    };

    /// <summary>A batch by owner.</summary>
    private sealed class Sorted
    {
        public Dictionary<long, List<CampaignReceipt>> Campaigns { get; } = [];

        public Dictionary<string, (List<ConversationInbound> Inbound, List<ConversationStatus> Statuses)> Conversations { get; } = [];

        public void Add(long campaign, CampaignReceipt receipt)
        {
            if (!Campaigns.TryGetValue(campaign, out var receipts)) Campaigns[campaign] = receipts = [];
            receipts.Add(receipt);
        }

        public (List<ConversationInbound> Inbound, List<ConversationStatus> Statuses) Of(string conversation)
        {
            if (!Conversations.TryGetValue(conversation, out var parts)) Conversations[conversation] = parts = ([], []);
            return parts;
        }
    }

    private sealed class ProblemList
    {
        private string? _failure;

        public ProblemList(IEnumerable<(long Offset, WebhookContent Content)> bodies)
        {
            foreach (var (offset, content) in bodies)
                foreach (var part in content.NotUnderstood) Add(offset, part.Path, part.Reason, part.Snippet);
        }

        public List<InboxProblem> Found { get; } = [];

        /// <summary>
        /// One of them for the log: a line for each would let a flood fill it. It holds nothing of a body, so neither the place (a wamid holds its person's
        /// number) nor what follows a colon, which may be a word of the body.
        /// </summary>
        public string Example => _failure ?? Found[0].Reason.Split(':')[0];

        public void AddFailure(long offset, string part, Exception failure)
        {
            _failure ??= $"{part} could not be applied: {failure.Message}";
            Add(offset, part, $"could not be applied: {failure.Message}", "");
        }

        public void Add(long offset, string path, string reason, string snippet) =>
            Found.Add(new InboxProblem(offset, path, reason, snippet.Length > NotUnderstood.MaxSnippet ? snippet[..NotUnderstood.MaxSnippet] : snippet));
    }
}
