using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using OrleansBsp.Core.Messages;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Campaigns;

/// <summary>One released recipient on the way to Meta.</summary>
internal sealed class CampaignMessage(CampaignSender sender, int position, int attempt, long phone, string[] values) : OutgoingMessage
{
    public int Position => position;

    public int Attempt => attempt;

    public long Phone => phone;

    public string[] Values => values;

    /// <summary>The access token it was posted with: if Meta refuses it, a newer one may already be in use.</summary>
    public AuthenticationHeaderValue? AccessToken { get; set; }

    protected override Task<SendOutcome> PostAsync() => sender.Trace(this) is { } span ? PostTracedAsync(span) : sender.PostAsync(this);

    protected override void Finish(SendOutcome outcome) => sender.Finish(this, outcome);

    private async Task<SendOutcome> PostTracedAsync(Activity span)
    {
        using (span)
        {
            var outcome = await sender.PostAsync(this);
            span.SetTag("bsp.outcome", GraphMetrics.Name(outcome));
            return outcome;
        }
    }
}

/// <summary>
/// Sends a campaign's messages and hands their outcomes to the recorder. What an outcome means beyond its message (slow down, pause
/// the campaign, stop the account) goes to the campaign's run.
/// </summary>
internal sealed class CampaignSender(
    CampaignDispatch dispatch, CampaignRecorder recorder, Action<SendFault, AuthenticationHeaderValue?> onFault, int maxAttempts)
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
    public Activity? Trace(CampaignMessage message) => dispatch.Traces.Post(message);

    public void Expect(int count) => Interlocked.Add(ref _inFlight, count);

    /// <summary>Never throws: whatever happens, the message gets an outcome.</summary>
    public async Task<SendOutcome> PostAsync(CampaignMessage message)
    {
        if (dispatch.SendClock.Now.Ticks >= Volatile.Read(ref _endTicks))
            return SendOutcome.NotSent("the campaign was stopped before this message's turn came", message.Attempt, Random.Shared.NextDouble());
        try
        {
            message.AccessToken = dispatch.Access.TokenOf(dispatch.Campaign.WabaId);
            var token = MessageToken.ForCampaign(dispatch.Campaign.Id, message.Position, message.Attempt, dispatch.Campaign.TokenKey);
            var body = new ArrayBufferWriter<byte>(1024);
            var rendered = dispatch.Template.Render(body, message.Phone.ToString(CultureInfo.InvariantCulture), token.ToString(), message.Values);
            if (rendered.Problem is { } problem) return SendOutcome.NotSendable(problem.Message);
            return await dispatch.Circuit.RunAsync(
                static state => new ValueTask<SendOutcome>(state.dispatch.Graph.PostMessageAsync(
                    state.message.AccessToken!, state.dispatch.PhoneNumber, state.body.WrittenMemory, state.message.Attempt, CancellationToken.None)),
                (dispatch, body, message), CancellationToken.None);
        }
        catch (Exception failure)
        {
            // A bug of ours. Whether the request had left is not known here.
            return SendOutcome.NoAnswer($"internal error: {failure.Message}");
        }
    }

    public void Finish(CampaignMessage message, SendOutcome outcome)
    {
        lock (_meter) _meter.Count(dispatch.SendClock.Now);
        recorder.Add(new AttemptEnded(message.Position, message.Attempt, message.Phone, outcome, dispatch.Clock.GetUtcNow(), maxAttempts));
        Interlocked.Decrement(ref _inFlight);
        Judge(outcome, message.AccessToken);
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
