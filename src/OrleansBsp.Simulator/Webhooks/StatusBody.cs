using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Graph;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Simulator.Webhooks;

/// <summary>One status of one message on its way. The rest is read from the ledger when the body is built, so a waiting status costs 8 bytes.</summary>
internal readonly record struct StatusUpdate(int Ordinal, MessageState Status);

/// <summary>
/// Builds the body of a batch of statuses (reference 5.6): one entry per account, one change per number, contacts without repetition.
/// The same batch gives the same bytes again, as Meta's retries do. One instance belongs to one worker.
/// </summary>
internal sealed class StatusBody(Ledger ledger, World world, Clock clock)
{
    private readonly List<int> numbers = [];
    private readonly HashSet<ulong> introduced = [];

    public void Write(WireBuffer to, ReadOnlySpan<StatusUpdate> updates)
    {
        FindNumbers(updates);
        to.Raw("""{"object":"whatsapp_business_account","entry":["""u8);
        Waba? open = null;
        foreach (var index in numbers)
        {
            var number = world.NumberAt(index);
            if (open == number.Waba)
            {
                to.Raw(","u8);
            }
            else
            {
                to.Raw(open is null ? """{"id":"""u8 : """]},{"id":"""u8).Text(number.Waba.Id).Raw(""","changes":["""u8);
                open = number.Waba;
            }

            Change(to, number, updates);
        }

        to.Raw("]}]}"u8);
    }

    public static void Metadata(WireBuffer to, BusinessNumber number) => to
        .Raw("""{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"""u8).Text(number.Digits)
        .Raw(""","phone_number_id":"""u8).Text(number.Id).Raw("}"u8);

    public static void Contact(WireBuffer to, ulong recipient, ReadOnlySpan<byte> userId, bool withUser)
    {
        var (name, user) = Wa.Profile(recipient);
        to.Raw("""{"profile":{"name":"""u8).Text(name);
        if (withUser && user is not null)
        {
            to.Raw(""","username":"""u8).Text(user);
        }

        to.Raw("}"u8);
        if (userId.IsEmpty)
        {
            to.Raw(""","wa_id":" """u8[..^1]).Digits(Wa.WaId(recipient)).Raw("\""u8);
        }

        to.Raw(""","user_id":"""u8);
        UserId(to, recipient, userId);
        to.Raw("}"u8);
    }

    public static void UserId(WireBuffer to, ulong recipient, ReadOnlySpan<byte> userId)
    {
        Span<byte> made = stackalloc byte[32];
        to.Text(userId.IsEmpty ? made[..Wa.WriteUserId(recipient, made)] : userId);
    }

    private void Change(WireBuffer to, BusinessNumber number, ReadOnlySpan<StatusUpdate> updates)
    {
        Metadata(to, number);
        introduced.Clear();
        var first = true;
        foreach (var update in updates)
        {
            ref var entry = ref ledger[update.Ordinal];
            if (entry.NumberIndex == number.Index && update.Status != MessageState.Failed && introduced.Add(entry.Recipient))
            {
                to.Raw(first ? ""","contacts":["""u8 : ","u8);
                first = false;
                Contact(to, entry.Recipient, ledger.Bytes(entry.UserId), withUser: update.Status != MessageState.Sent);
            }
        }

        to.Raw(first ? ""","statuses":["""u8 : """],"statuses":["""u8);
        first = true;
        foreach (var update in updates)
        {
            ref var entry = ref ledger[update.Ordinal];
            if (entry.NumberIndex == number.Index)
            {
                Status(to.Comma(ref first), update, ref entry);
            }
        }

        to.Raw("""]},"field":"messages"}"""u8);
    }

    private void Status(WireBuffer to, StatusUpdate update, ref LedgerEntry entry)
    {
        Span<byte> wamid = stackalloc byte[Wamid.MaxBytes];
        to.Raw("""{"id":"""u8).Text(wamid[..ledger.WriteWamid(update.Ordinal, wamid)]);
        var (name, atMs) = update.Status switch
        {
            MessageState.Sent => ("sent", entry.Fate.SentMs),
            MessageState.Delivered => ("delivered", entry.Fate.DeliveredMs),
            MessageState.Read => ("read", entry.Fate.ReadMs),
            _ => ("failed", entry.Fate.SentMs),
        };
        to.Raw(""","status":"""u8).Text(name);
        to.Raw(""","timestamp":" """u8[..^1]).Number(clock.ToUnixSeconds(entry.PlanStartMicros + (atMs * 1000L))).Raw("\""u8);
        var userId = ledger.Bytes(entry.UserId);
        if (userId.IsEmpty)
        {
            to.Raw(""","recipient_id":" """u8[..^1]).Digits(Wa.WaId(entry.Recipient)).Raw("\""u8);
        }

        to.Raw(""","recipient_user_id":"""u8);
        UserId(to, entry.Recipient, userId);
        if (entry.Token.Length > 0)
        {
            to.Raw(""","biz_opaque_callback_data":"""u8).Text(ledger.Bytes(entry.Token));
        }

        if (update.Status == MessageState.Failed)
        {
            Errors(to, entry.Fate.FailureCode);
        }
        else if (update.Status != MessageState.Read || (entry.Fate.Flags & FateFlags.SkipDelivered) != 0)
        {
            // On sent and on one of delivered and read.
            to.Raw(""","pricing":"""u8).Raw(Pricing(entry));
        }

        to.Raw("}"u8);
    }

    // October 2026 rules: templates are charged, also utility inside the window; service messages after 1,000 a month (reference 7.4).
    private ReadOnlySpan<byte> Pricing(in LedgerEntry entry)
    {
        if (entry.TemplateIndex < 0)
        {
            return (entry.Fate.Flags & FateFlags.FreeService) != 0
                ? """{"billable":false,"pricing_model":"PMP","type":"free_customer_service","category":"service"}"""u8
                : """{"billable":true,"pricing_model":"PMP","type":"regular","category":"service"}"""u8;
        }

        return world.TemplateAt(entry.TemplateIndex).Category switch
        {
            "UTILITY" => """{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}"""u8,
            "AUTHENTICATION" => """{"billable":true,"pricing_model":"PMP","type":"regular","category":"authentication"}"""u8,
            _ => """{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing"}"""u8,
        };
    }

    private static void Errors(WireBuffer to, int code)
    {
        var error = GraphErrors.Of(code);
        to.Raw(""","errors":[{"code":"""u8).Number(code).Raw(""","title":"""u8).Text(error.Title).Raw(""","message":"""u8).Text(error.Title);
        to.Raw(""","error_data":{"details":"""u8).Text(error.Details ?? error.Title).Raw("""},"href":"""u8);
        to.Text("/documentation/business-messaging/whatsapp/support/error-codes"u8).Raw("}]"u8);
    }

    private void FindNumbers(ReadOnlySpan<StatusUpdate> updates)
    {
        numbers.Clear();
        foreach (var update in updates)
        {
            var index = ledger[update.Ordinal].NumberIndex;
            if (!numbers.Contains(index))
            {
                numbers.Add(index);
            }
        }

        if (numbers.Count > 1)
        {
            numbers.Sort((a, b) => string.CompareOrdinal(world.NumberAt(a).Waba.Id, world.NumberAt(b).Waba.Id));
        }
    }
}
