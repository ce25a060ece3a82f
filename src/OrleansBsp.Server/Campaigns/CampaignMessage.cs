using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Campaigns;

/// <summary>One released recipient on the way to Meta.</summary>
internal sealed class CampaignMessage(CampaignSender sender, ReleasedMessage released) : OutgoingMessage
{
    public ReleasedMessage Released => released;

    /// <summary>The access token it was posted with: if Meta refuses it, a newer one may already be in use.</summary>
    public AuthenticationHeaderValue? AccessToken { get; set; }

    protected override Activity? BeginStep() => sender.BeginStep(this);

    protected override Task<SendOutcome> PostAsync() => sender.PostAsync(this);

    protected override void Finish(SendOutcome outcome) => sender.Finish(this, outcome);
}

/// <summary>
/// Sends a campaign's messages and hands their outcomes to the recorder. What an outcome means beyond its message (slow down, pause
/// the campaign, stop the account) goes to the campaign's run.
/// </summary>
internal sealed class CampaignSender(
    CampaignDispatch dispatch, CampaignRecorder recorder, Action<SendFault, AuthenticationHeaderValue?> onFault, int mostRefusals)
{
    // After a pause or a cancellation what is due at once may still go. What is held up (by a throttled number, by slow answers) would
    // go long after; that much is left of the second in which a pause takes effect (design 9).
    private static readonly TimeSpan LastMoment = TimeSpan.FromMilliseconds(500);

    // Meta's answer "your request is wrong", so often in a row, is about the campaign and not about its recipients.
    private const int MistakesThatStop = 20;

    private int _inFlight;
    private readonly RateMeter _meter = new();
    private int _mistakesInARow;
    private long _endTicks = long.MaxValue;

    /// <summary>Messages released here and not answered yet.</summary>
    public int InFlight => _inFlight;

    /// <summary>Messages posted in the last full second.</summary>
    public int PerSecond
    {
        get { lock (_meter) return _meter.PerSecond(dispatch.SendClock.Now); }
    }

    /// <summary>Says whether the campaign runs. When it does not, messages whose moment comes late go back unsent, to be sent after a resume.</summary>
    public void SetRunning(bool running)
    {
        if (running) Volatile.Write(ref _endTicks, long.MaxValue);
        else Interlocked.CompareExchange(ref _endTicks, (dispatch.SendClock.Now + LastMoment).Ticks, long.MaxValue);
    }

    /// <summary>Null for most messages.</summary>
    public Activity? BeginStep(CampaignMessage message) => dispatch.Traces.Post(message.Released.Position, message.Released.Attempt);

    public void Expect(int count) => Interlocked.Add(ref _inFlight, count);

    /// <summary>Never throws: whatever happens, the message gets an outcome.</summary>
    public async Task<SendOutcome> PostAsync(CampaignMessage message)
    {
        if (dispatch.SendClock.Now.Ticks >= Volatile.Read(ref _endTicks))
            return SendOutcome.NotSent("the campaign was stopped before this message's turn came", message.Released.Attempt, Random.Shared.NextDouble());
        try
        {
            message.AccessToken = dispatch.Access.TokenOf(dispatch.Campaign.WabaId);
            var body = new ArrayBufferWriter<byte>(1024);
            if (Render(message.Released, body) is { } problem) return SendOutcome.NotSendable(problem);
            return await dispatch.Circuit.RunAsync(
                static state => new ValueTask<SendOutcome>(state.dispatch.Graph.PostMessageAsync(
                    state.message.AccessToken!, state.dispatch.PhoneNumber, state.body.WrittenMemory, state.message.Released.Attempt, state.message, CancellationToken.None)),
                (dispatch, body, message), CancellationToken.None);
        }
        catch (Exception failure)
        {
            // A bug of ours. Whether the request had left is not known here.
            return SendOutcome.NoAnswer($"internal error: {failure.Message}");
        }
    }

    /// <summary>Writes the request for Meta.</summary>
    /// <returns>Why it cannot be made of the recipient's data; null if it was.</returns>
    public string? Render(ReleasedMessage message, IBufferWriter<byte> body)
    {
        var token = MessageToken.ForCampaign(dispatch.Campaign.Id, message.Position, message.Attempt, dispatch.Campaign.TokenKey);
        return dispatch.Template.Render(body, message.Phone.ToString(CultureInfo.InvariantCulture), token.ToString(), message.Values).Problem?.Message;
    }

    public void Finish(CampaignMessage message, SendOutcome outcome) =>
        Settle(message.Released.Position, message.Released.Attempt, message.Released.Phone, outcome, message.AccessToken);

    /// <summary>An expected message has this outcome.</summary>
    /// <param name="accessToken">What it was posted with; null if it was not.</param>
    public void Settle(int position, int attempt, long phone, SendOutcome outcome, AuthenticationHeaderValue? accessToken)
    {
        lock (_meter) _meter.Count(dispatch.SendClock.Now);
        recorder.Add(Ended(position, attempt, phone, outcome));
        Interlocked.Decrement(ref _inFlight);
        Judge(outcome, accessToken);
    }

    /// <summary>Takes outcomes from other processes; completes when they are committed.</summary>
    /// <param name="isExpected">Whether the message was expected here, and not heard of before.</param>
    public Task HearAsync(IReadOnlyCollection<ReportedOutcome> reported, Func<ReportedOutcome, bool> isExpected)
    {
        var committed = recorder.AddAsync([.. reported.Select(one => Ended(one.Position, one.Attempt, one.Phone, one.ToOutcome()))]);
        foreach (var one in reported.Where(isExpected))
        {
            lock (_meter) _meter.Count(dispatch.SendClock.Now);
            Interlocked.Decrement(ref _inFlight);
            Judge(one.ToOutcome(), TokenOf(one));
            // This process posts nothing of it, and must all the same know when Meta does not answer.
            if (one.WasPosted) _ = dispatch.Circuit.RunAsync(static outcome => ValueTask.FromResult(outcome), one.ToOutcome(), CancellationToken.None);
        }

        return committed;
    }

    private AttemptEnded Ended(int position, int attempt, long phone, SendOutcome outcome) => new(position, attempt, phone, outcome, dispatch.Clock.GetUtcNow(), mostRefusals);

    // A token that is not ours may be older than ours or newer: whoever acts on the fault reads the stored one and finds it to be another.
    private AuthenticationHeaderValue? TokenOf(ReportedOutcome reported)
    {
        if (reported.TokenPrint is not { } print) return null;
        var known = dispatch.Access.FindToken(dispatch.Campaign.WabaId);
        return known is not null && ReportedOutcome.PrintOf(known) == print ? known : new AuthenticationHeaderValue("Bearer", print);
    }

    private void Judge(SendOutcome outcome, AuthenticationHeaderValue? accessToken)
    {
        var fault = outcome is SendOutcome.Uncertain ? null : outcome.Problem;
        var isOurMistake = outcome is SendOutcome.Refused { Fault.Rule: { Class: MetaErrorClass.Fix } rule } && rule != MetaErrorTable.NotSendable;
        if (!isOurMistake) Interlocked.Exchange(ref _mistakesInARow, 0);
        else if (Interlocked.Increment(ref _mistakesInARow) == MistakesThatStop)
            onFault(fault! with { Rule = fault.Rule with { Class = MetaErrorClass.StopCampaign } }, accessToken);
        if (fault is not null && !isOurMistake) onFault(fault, accessToken);
    }
}
