using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Campaigns.Sending;

/// <summary>An order that this process has claimed, on its way to Meta.</summary>
internal sealed class OrderedSend(SendOrder order, SendClock clock, AccountAccess access, GraphClient graph, CampaignTraces traces) : OutgoingMessage
{
    // What a lane holds up (slow answers, an account that is stopped) goes back unsent: long after its moment it would go beyond the limit, and after a pause.
    private static readonly TimeSpan LastMoment = TimeSpan.FromMilliseconds(300);

    private readonly TaskCompletionSource<ReportedOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AuthenticationHeaderValue? _token;
    private TimeSpan _notAfter;
    private bool _wasPosted;

    /// <summary>Completes when the message has an outcome. Never fails.</summary>
    public Task<ReportedOutcome> Outcome => _outcome.Task;

    /// <summary>Puts it into its number's lane.</summary>
    /// <param name="now">The database's time.</param>
    public void Enqueue(DateTime now)
    {
        var moment = clock.Now + (order.Moment - now);
        _notAfter = (moment > clock.Now ? moment : clock.Now) + LastMoment;
        clock.LaneOf(new PhoneNumberId(order.Number)).Enqueue([this], new(1, moment, TimeSpan.Zero, order.Permit), order.Limit);
    }

    protected override Activity? BeginStep() => traces.Post(order.Position, order.Attempt);

    protected override async Task<SendOutcome> PostAsync()
    {
        if (clock.Now > _notAfter) return SendOutcome.NotSent("its moment had passed before its turn came", jitter: Random.Shared.NextDouble());
        try
        {
            _token = access.TokenOf(order.Waba);
            return await access.CircuitOf(order.Waba).RunAsync(static send => send.PostNowAsync(), this, CancellationToken.None);
        }
        catch (Exception failure)
        {
            // A bug of ours. Whether the request had left is not known here.
            return SendOutcome.NoAnswer($"internal error: {failure.Message}");
        }
    }

    protected override void Finish(SendOutcome outcome) => _outcome.SetResult(ReportedOutcome.From(order, outcome, _wasPosted, _token));

    private async ValueTask<SendOutcome> PostNowAsync()
    {
        _wasPosted = true;
        return await graph.PostMessageAsync(_token!, new PhoneNumberId(order.Number), Encoding.UTF8.GetBytes(order.Body), order.Attempt, this, CancellationToken.None);
    }
}
