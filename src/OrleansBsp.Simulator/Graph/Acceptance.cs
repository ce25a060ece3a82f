using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Simulator.Graph;

/// <summary>Takes a valid send into the ledger, decides its fate and starts it.</summary>
internal sealed class Acceptance(Engine engine)
{
    public AcceptedSend Accept(BusinessNumber number, in SendRequest request, Template? template, ulong basis, int attempt, RecipientPattern pattern, long arrival, bool answerLost)
    {
        var fate = Decide(number, request, template, basis, pattern);
        var entry = new LedgerEntry
        {
            ArrivalMicros = arrival,
            PlanStartMicros = engine.Clock.NowMicros,
            Recipient = request.Recipient,
            ParametersHash = Hash.Of(JsonMarshal.GetRawUtf8Value(template is null ? request.Content : TemplateCheck.ComponentsOf(request.Content))),
            Fate = fate,
            NumberIndex = number.Index,
            TemplateIndex = template?.Index ?? -1,
            Attempt = attempt,
            Answer = answerLost ? AnswerKind.Lost : AnswerKind.Ok,
        };
        var body = !engine.Options.KeepBodies ? [] : Encoding.UTF8.GetBytes(
            template is null ? MessageTypes.Render(request.Type, request.Content) : TemplateRender.Body(template, request.Content));
        var userId = request.UserId is null ? [] : Encoding.UTF8.GetBytes(request.UserId);
        var ordinal = engine.Ledger.Append(entry, Token(request.Token), body, userId);
        Span<byte> wamid = stackalloc byte[Wamid.MaxBytes];
        var length = engine.Ledger.WriteWamid(ordinal, wamid);
        return new AcceptedSend(
            ordinal, request.Input, request.UserId is null ? Wa.WaId(request.Recipient) : 0, request.UserId,
            wamid[..length].ToArray(), template is not null, (fate.Flags & FateFlags.Held) != 0, (fate.Flags & FateFlags.Early) != 0);
    }

    private Fate Decide(BusinessNumber number, in SendRequest request, Template? template, ulong basis, RecipientPattern pattern)
    {
        var fate = FateDecider.Decide(basis, engine.Behaviour.Statuses, pattern);
        if (template is null)
        {
            var limits = engine.Behaviour.Limits;
            if (limits is { ServiceWindow: true, ServiceWindowAsync: true } && !number.Pairs.IsWindowOpen(request.Recipient, engine.Clock.NowMicros))
            {
                fate.FailureCode = 131047;
            }

            if (MessageTypes.HasDeadLink(request.Content))
            {
                fate.FailureCode = 131053;
            }

            // A held verdict exists for templates only.
            fate.Flags &= ~(FateFlags.Held | FateFlags.HeldDrop);
            if (request.Type == "reaction")
            {
                fate.Flags = (fate.Flags | FateFlags.SilentDrop) & ~FateFlags.Reorder;
            }

            if (fate.FailureCode == 0 && number.TakeFreeServiceMessage())
            {
                fate.Flags |= FateFlags.FreeService;
            }
        }
        else if (template.HoldAfter is { } holdAfter && Interlocked.Increment(ref template.AcceptedForPacing) > holdAfter)
        {
            // No status can overtake the answer while the message is held.
            fate.Flags = (fate.Flags & ~(FateFlags.HeldDrop | FateFlags.Early)) | FateFlags.Held | FateFlags.HeldByTemplate;
        }

        return fate;
    }

    // The raw bytes between the quotes, unless escapes force a detour.
    private static ReadOnlySpan<byte> Token(JsonElement token)
    {
        if (token.ValueKind != JsonValueKind.String)
        {
            return [];
        }

        var raw = JsonMarshal.GetRawUtf8Value(token)[1..^1];
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(token.GetString()!) : raw;
    }
}
