using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Faults;
using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator.Graph;

/// <summary><c>POST /{number}/messages</c>, the hot path: read, misbehave, check, accept, answer.</summary>
internal sealed class SendHandler(Engine engine)
{
    private static readonly TimeSpan EarlyLimit = TimeSpan.FromSeconds(5);
    private readonly Acceptance acceptance = new(engine);

    /// <param name="graphVersion">Major version of the path, 0 if it has none.</param>
    /// <param name="arrival">Monotonic microseconds, stamped by the pipeline.</param>
    public async Task HandleAsync(HttpContext context, BusinessNumber number, int graphVersion, long arrival)
    {
        engine.Ledger.CountArrival(number, arrival);
        var body = await ReadAsync(context.Request.BodyReader, context.RequestAborted);
        JsonDocument? document = null;
        try
        {
            document = TryParse(body);
            if (document is null)
            {
                await RefuseAsync(context, GraphErrors.Of(100, "The body is not valid JSON."));
                return;
            }

            var refusal = SendRequest.TryRead(document.RootElement, number, engine.Options.PrependCountryCode, out var request);
            if (refusal is not null)
            {
                await RefuseAsync(context, refusal);
                return;
            }

            await SendAsync(context, number, request, graphVersion, arrival);
        }
        finally
        {
            document?.Dispose();
            context.Request.BodyReader.AdvanceTo(body.End);
        }
    }

    private async Task SendAsync(HttpContext context, BusinessNumber number, SendRequest request, int graphVersion, long arrival)
    {
        if (request.IsReadReceipt)
        {
            await GraphAnswer.WriteBytesAsync(context, 200, "application/json; charset=UTF-8", """{"success":true}"""u8);
            return;
        }

        var attempt = number.Pairs.CountAttempt(request.Recipient);
        var basis = FateDecider.Basis(engine.Options.Seed, Hash.Of(number.Id.AsSpan()), request.Recipient, attempt);
        var pattern = request.UserId is null ? RecipientPattern.Of(request.Recipient, attempt) : default;
        var hit = engine.Faults.IsEmpty ? default : Strike(number, request, basis);
        if (hit.DelayMs > 0)
        {
            await Task.Delay(hit.DelayMs, context.RequestAborted);
        }

        var fault = hit.Rule ?? (pattern.Transport is { } kind ? new FaultRule { Kind = kind } : null);
        if (fault is not null && Misbehaviour.IsBeforeAcceptance(fault.Kind))
        {
            engine.Ledger.CountRefusal(fault.Kind == FaultKind.Error ? fault.Code : 0);
            await Misbehaviour.ActAsync(context, fault, engine.Options.RateLimitHttpStatus);
            return;
        }

        if (Check(number, request, pattern, graphVersion, arrival, out var template) is { } refusal)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        var accepted = acceptance.Accept(number, request, template, basis, attempt, pattern, arrival, answerLost: fault is not null);
        var early = accepted.Early ? engine.Pump.WaitEarly(accepted.Ordinal) : null;
        engine.Flow.Start(accepted.Ordinal);
        if (early is not null)
        {
            // The status overtakes the answer. A receiver that is down must not keep the answer back for ever.
            await Task.WhenAny(early, Task.Delay(EarlyLimit, context.RequestAborted));
            engine.Pump.CompleteEarly(accepted.Ordinal);
        }

        if (fault is null || fault.Kind == FaultKind.TruncatedJson)
        {
            await GraphAnswer.WriteAcceptedAsync(context, accepted, cut: fault is not null);
        }
        else
        {
            await Misbehaviour.ActAsync(context, fault, engine.Options.RateLimitHttpStatus);
        }
    }

    private GraphError? Check(BusinessNumber number, in SendRequest request, RecipientPattern pattern, int graphVersion, long arrival, out Template? template)
    {
        template = null;
        if (pattern.RefuseCode != 0)
        {
            return GraphErrors.Of(pattern.RefuseCode);
        }

        if (number.Status != "CONNECTED")
        {
            return GraphErrors.Of(133010);
        }

        var isTemplate = request.Type == "template";
        var refusal = isTemplate
            ? TemplateCheck.Find(number.Waba, request.Content, graphVersion, request.UserId is not null, out template)
            : MessageTypes.Check(request.Type, request.Content);
        return refusal ?? LimitCheck.Refuse(number, request.Recipient, !isTemplate, arrival, engine.Clock.NowMicros, engine.Behaviour.Limits);
    }

    private FaultHit Strike(BusinessNumber number, in SendRequest request, ulong basis)
    {
        Span<char> digits = stackalloc char[20];
        var length = 0;
        if (request.UserId is null)
        {
            request.Recipient.TryFormat(digits, out length);
        }

        return engine.Faults.Strike(isSend: true, number.Id, digits[..length], basis);
    }

    private Task RefuseAsync(HttpContext context, GraphError error)
    {
        engine.Ledger.CountRefusal(error.Code);
        return GraphAnswer.WriteErrorAsync(context, error, engine.Options.RateLimitHttpStatus);
    }

    private static async ValueTask<ReadOnlySequence<byte>> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static JsonDocument? TryParse(ReadOnlySequence<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
