using System.Net.Http.Headers;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Conversations;

/// <summary>Sends single messages through the number's lane, before all campaigns.</summary>
public sealed class ConversationSender(
    PhoneNumberStore numbers, AccountStore accounts, AccountAccess access, AccountStop stop, GraphClient graph,
    SendClock clock, IGrainFactory grains, ILocalSiloDetails silo)
{
    /// <summary>Why this number cannot send at all; null if it can.</summary>
    public async Task<SendTicket?> FindObstacleAsync(PhoneNumberId number)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var row = await numbers.FindAsync(number, limit.Token);
        if (row is null) return new SendTicket(0, "unknown-number", $"There is no phone number {number}.");
        return row.CannotSend is { } reason ? new SendTicket(0, "number-cannot-send", $"{row.DisplayNumber} cannot send: {reason}.") : null;
    }

    internal Task<Permits> AskPermitAsync(PhoneNumberId number) =>
        Permits.AskAsync(clock.LaneOf(number), clock, () => grains.GetGrain<IPhoneNumberGrain>($"p:{number}").AskReplyPermit(silo.Name));

    /// <summary>The permit will not be used.</summary>
    internal void Spare(PhoneNumberId number, Permits permit) => clock.LaneOf(number).Spare(permit.Grant.First, permit.Grant.Count);

    public Task ReportInboundAsync(PhoneNumberId number, int count) => grains.GetGrain<IPhoneNumberGrain>($"p:{number}").ReportInbound(count);

    /// <summary>As whom the number sends. To be asked before a release: what is released must not fail for want of an answer of the database.</summary>
    /// <returns>The account, or why nothing can be sent for it from here; neither: the number belongs to no account.</returns>
    internal async Task<(SendingAccount? Account, string? Obstacle)> FindAccountAsync(PhoneNumberId number)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var waba = await accounts.WabaOfAsync(number, limit.Token);
        var account = waba is null ? null : await accounts.FindAsync(waba, limit.Token);
        if (account is null) return (null, null);
        return access.TryLearn(account.Id, account.AccessToken)
            ? (new SendingAccount(access.CircuitOf(account.Id), access.TokenOf(account.Id)), null)
            : (null, LimitingFactor.TokenUnreadable);
    }

    /// <summary>Posts the message at its moment. Never throws.</summary>
    internal async Task<SendOutcome> SendAsync(PhoneNumberId number, SendingAccount? account, Permits permit, ReadOnlyMemory<byte> body, int attempt)
    {
        if (account is null)
        {
            Spare(number, permit);
            return SendOutcome.NotSendable($"phone number {number} belongs to no account");
        }

        var (circuit, token) = account;
        var message = new SingleMessage(self => circuit.RunAsync(
            static call => new ValueTask<SendOutcome>(call.graph.PostMessageAsync(call.token, call.number, call.body, call.attempt, call.self, CancellationToken.None)),
            (graph, token, number, body, attempt, self), CancellationToken.None));
        clock.LaneOf(number).EnqueueReply(message, permit.Grant, permit.Answer.LimitPerSecond);
        var outcome = await message.Outcome;
        if (outcome is not SendOutcome.Uncertain && outcome.Problem is { } fault)
            _ = stop.HandleAsync(number, fault, token, _ => Task.CompletedTask); // the outcome is to be stored meanwhile
        return outcome;
    }

    internal sealed record SendingAccount(Circuit Circuit, AuthenticationHeaderValue Token);

    private sealed class SingleMessage(Func<IPosted, ValueTask<SendOutcome>> post) : OutgoingMessage
    {
        private readonly TaskCompletionSource<SendOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<SendOutcome> Outcome => _outcome.Task;

        protected override async Task<SendOutcome> PostAsync()
        {
            try
            {
                return await post(this);
            }
            catch (Exception failure)
            {
                return SendOutcome.NoAnswer($"internal error: {failure.Message}"); // a bug of ours; whether it had left is not known
            }
        }

        protected override void Finish(SendOutcome outcome) => _outcome.SetResult(outcome);
    }
}
