using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Tests.Fates;

public sealed class StatusTests
{
    [Fact]
    public async Task A_message_is_sent_delivered_and_read_in_the_shape_of_the_reference()
    {
        await using var rig = await Rig.StartAsync(options => options.Statuses = StatusProfile.Instant with { DeliveredMinMs = 5, DeliveredMaxMs = 5, ReadMinMs = 5, ReadMaxMs = 5 });

        var (_, answer) = await rig.SendAsync(Rig.Template("+61491570006", token: "cmp:1", name: "diwali_offer", components:
            """[{"type":"body","parameters":[{"type":"text","text":"Asha"},{"type":"text","text":"25%"}]}]"""));
        await rig.DeliveredAsync();

        var wamid = (string?)answer["messages"]![0]!["id"];
        Assert.Equal(["sent", "delivered", "read"], Names(rig));
        Assert.All(rig.Receiver.Statuses, status => Assert.Equal((wamid, "cmp:1", "61491570006"), ((string?)status["id"], (string?)status["biz_opaque_callback_data"], (string?)status["recipient_id"])));
        Assert.All(rig.Receiver.Statuses, status => Assert.True(long.Parse((string)status["timestamp"]!) > 1_700_000_000));
        const string pricing = """{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing"}""";
        Assert.Equal([pricing, pricing, null], rig.Receiver.Statuses.Select(status => status["pricing"]?.ToJsonString()));
        Assert.Equal("""{"display_phone_number":"61255500047","phone_number_id":"118233907745512"}""", rig.Receiver.All[0].Values.First()["metadata"]!.ToJsonString());
        Assert.Equal(MessageState.Read, rig.Simulator.Ledger.Read().Single().State);
    }

    [Fact]
    public async Task Keys_come_in_the_order_of_metas_sample()
    {
        await using var rig = await Rig.StartAsync();
        await rig.SendAsync(Rig.Template("+61491570006", token: "t"));
        await rig.DeliveredAsync();

        var value = rig.Receiver.All[0].Values.First().AsObject();
        Assert.Equal(["messaging_product", "metadata", "contacts", "statuses"], value.Select(pair => pair.Key));
        Assert.Equal(["id", "status", "timestamp", "recipient_id", "recipient_user_id", "biz_opaque_callback_data", "pricing"], value["statuses"]![0]!.AsObject().Select(pair => pair.Key));
        Assert.Equal(["profile", "wa_id", "user_id"], value["contacts"]![0]!.AsObject().Select(pair => pair.Key));
    }

    [Theory]
    [InlineData("131026", "Message undeliverable")]
    [InlineData("131049", "This message was not delivered to maintain healthy ecosystem engagement.")]
    [InlineData("131050", "User has stopped receipt of marketing messages.")]
    [InlineData("130472", "User's number is part of an experiment")]
    [InlineData("132015", "Template is paused")]
    [InlineData("131053", "Media upload error")]
    public async Task The_end_of_the_number_names_the_failure(string code, string title)
    {
        await using var rig = await Rig.StartAsync();

        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61400" + code)));
        await rig.DeliveredAsync();

        var status = rig.Receiver.Statuses.Single();
        Assert.Equal(("failed", code, title), ((string?)status["status"], status["errors"]![0]!["code"]!.ToJsonString(), (string?)status["errors"]![0]!["title"]));
        Assert.NotNull(status["errors"]![0]!["error_data"]!["details"]);
        Assert.Null(status["pricing"]);
        Assert.Null(rig.Receiver.All.Single().Values.Single()["contacts"]);
        Assert.Equal(int.Parse(code), rig.Simulator.Ledger.Summarize().FailedByCode.Single().Key);
    }

    [Theory]
    [InlineData("700003", "sent", MessageState.Sent)]
    [InlineData("700004", "sent delivered", MessageState.Delivered)]
    [InlineData("700005", "sent delivered read", MessageState.Read)]
    [InlineData("700006", "sent read", MessageState.Read)]
    [InlineData("700007", "sent delivered read sent delivered read", MessageState.Read)]
    [InlineData("700008", "read delivered sent", MessageState.Read)]
    [InlineData("700001", "sent delivered read", MessageState.Read)]
    [InlineData("700002", "failed", MessageState.Failed)]
    public async Task The_end_of_the_number_chooses_the_course(string suffix, string course, MessageState final)
    {
        await using var rig = await Rig.StartAsync(options => options.Statuses = StatusProfile.Instant with { DeliveredMinMs = 5, DeliveredMaxMs = 5, ReadMinMs = 5, ReadMaxMs = 5 });

        var (_, answer) = await rig.SendAsync(Rig.Template("+61400" + suffix));
        await rig.DeliveredAsync();

        Assert.Equal(suffix is "700001" or "700002" ? "held_for_quality_assessment" : "accepted", (string?)answer["messages"]![0]!["message_status"]);
        Assert.Equal(course.Split(' '), Names(rig));
        Assert.Equal(final, rig.Simulator.Ledger.Read().Single().State);
        Assert.Equal(1, rig.Simulator.Ledger.Summarize().States[final]);
        if (suffix == "700006")
        {
            Assert.NotNull(rig.Receiver.Statuses[1]["pricing"]);
        }
    }

    [Fact]
    public async Task An_early_status_is_acknowledged_before_the_send_is_answered()
    {
        await using var rig = await Rig.StartAsync(options => options.Statuses = StatusProfile.Instant with { SentMinMs = 2000, SentMaxMs = 2000 });

        await rig.SendAsync(Rig.Template("+61400700009"));

        Assert.Equal("sent", Names(rig)[0]);
    }

    [Fact]
    public async Task A_refusal_pattern_strikes_always_or_once()
    {
        await using var rig = await Rig.StartAsync();

        Assert.Equal(130429, await rig.CodeOfAsync(Rig.Template("+6149130429")));
        Assert.Equal(130429, await rig.CodeOfAsync(Rig.Template("+6149130429")));
        Assert.Equal(131000, await rig.CodeOfAsync(Rig.Template("+6148131000")));
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+6148131000")));
        Assert.Equal(2, rig.Simulator.Ledger.Read().Single().Attempt);
    }

    [Fact]
    public async Task A_paced_template_holds_the_rest_until_the_verdict()
    {
        await using var rig = await Rig.StartAsync();
        var template = rig.Simulator.World.Wabas.Single().FindTemplate("store_hours", "en_US")!;
        template.HoldAfter = 2;
        for (var i = 0; i < 5; i++)
        {
            await rig.SendAsync(Rig.Template($"+6149157000{i}"));
        }

        await rig.DeliveredAsync();
        Assert.Equal((2, 3), States(rig, MessageState.Read, MessageState.Held));

        Assert.Equal(3, rig.Simulator.JudgeHeldMessages(template, drop: true));
        await rig.DeliveredAsync();
        Assert.Equal((2, 3), States(rig, MessageState.Read, MessageState.Failed));
        Assert.Equal("PAUSED", template.Status);
        Assert.Contains(rig.Receiver.All, one => one.Body.Contains("message_template_status_update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Held_messages_can_be_released()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.World.Wabas.Single().FindTemplate("store_hours", "en_US")!.HoldAfter = 0;
        await rig.SendAsync(Rig.Template("+61491570006"));

        Assert.Equal(1, (int)(await rig.ControlAsync("templates/store_hours/release"))["judged"]!);
        await rig.DeliveredAsync();

        Assert.Equal(MessageState.Read, rig.Simulator.Ledger.Read().Single().State);
    }

    [Fact]
    public async Task Service_messages_are_free_then_charged()
    {
        await using var rig = await Rig.StartAsync(options => options.Limits = OrleansBsp.Simulator.Limits.LimitSettings.None);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(rig.Simulator.World.FindNumber(Rig.Number)!.TakeFreeServiceMessage());
        }

        await rig.SendAsync(Rig.Text("+61491570006"));
        await rig.SendAsync(Rig.Text("+61491570006"), Rig.HighNumber);
        await rig.DeliveredAsync();

        var pricing = rig.Receiver.Statuses.Where(status => (string?)status["status"] == "sent").Select(status => status["pricing"]!.ToJsonString()).ToHashSet();
        Assert.Equal(
            ["""{"billable":false,"pricing_model":"PMP","type":"free_customer_service","category":"service"}""", """{"billable":true,"pricing_model":"PMP","type":"regular","category":"service"}"""],
            pricing.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_dead_link_fails_later()
    {
        await using var rig = await Rig.StartAsync(options => options.Limits = OrleansBsp.Simulator.Limits.LimitSettings.None);

        Assert.Equal(0, await rig.CodeOfAsync("""{"messaging_product":"whatsapp","to":"+61491570006","type":"image","image":{"link":"https://cdn.invalid/a.png"}}"""));
        await rig.DeliveredAsync();

        Assert.Equal(131053, rig.Simulator.Ledger.Read().Single().FailureCode);
    }

    private static string[] Names(Rig rig) => [.. rig.Receiver.Statuses.Select(status => (string)status["status"]!)];

    private static (int, int) States(Rig rig, MessageState one, MessageState other)
    {
        var states = rig.Simulator.Ledger.Summarize().States;
        return (states[one], states[other]);
    }
}
