using System.Net;
using System.Net.Http.Headers;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Tests.Control;

public sealed class ControlTests
{
    [Fact]
    public async Task A_world_is_built_and_used()
    {
        await using var rig = await Rig.StartAsync(options => options.DefaultWorld = false);
        Assert.Empty(rig.Simulator.World.Wabas);

        await rig.ControlAsync("world", """
            {"wabas":[{"id":"5","accessToken":"t5","numbers":[{"id":"51","displayPhoneNumber":"+91 99999 00001","messagesPerSecond":20}],
              "templates":[{"name":"hello","language":"en","category":"UTILITY","components":[{"type":"BODY","text":"Hello."}]}],
              "bulkTemplates":{"count":300,"prefix":"bulk_"}}]}
            """);
        rig.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "t5");

        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+919876543210", name: "hello").Replace("en_US", "en", StringComparison.Ordinal), "51"));
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+919876543210", name: "bulk_299", components: """[{"type":"body","parameters":[{"type":"text","text":"A"}]}]"""), "51"));
        Assert.Equal(100, (await rig.GetAsync("/v26.0/5/message_templates?limit=100"))["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task Numbers_and_templates_change_and_tell_so()
    {
        await using var rig = await Rig.StartAsync();

        await rig.ControlAsync($"numbers/{Rig.Number}", """{"messagesPerSecond":1000,"qualityRating":"RED"}""");
        await rig.ControlAsync("templates/diwali_offer", """{"status":"PAUSED"}""");
        await rig.DeliveredAsync();

        Assert.Equal("HIGH", (string?)(await rig.GetAsync($"/{Rig.Number}?fields=throughput"))["throughput"]!["level"]);
        Assert.Equal(["PAUSED", "THROUGHPUT_UPGRADE"], rig.Receiver.All.SelectMany(one => one.Values).Select(value => (string)value["event"]!).Order(StringComparer.Ordinal));
        Assert.Equal(132015, await rig.CodeOfAsync(Rig.Template("+61491570006", name: "diwali_offer")));
    }

    [Fact]
    public async Task Faults_statuses_and_limits_are_set_read_and_cleared()
    {
        await using var rig = await Rig.StartAsync();

        await rig.ControlAsync("faults", """{"rules":[{"kind":"error","code":131016,"times":1},{"kind":"latency","minMs":1,"maxMs":2}]}""");
        Assert.Equal(131016, await rig.CodeOfAsync(Rig.Template("+61491570006")));
        Assert.Equal(1, (int)(await rig.GetAsync("/control/faults"))[0]!["struck"]!);
        using var cleared = await rig.Client.DeleteAsync("/control/faults");
        Assert.Empty(rig.Simulator.Faults.Rules);

        await rig.ControlAsync("statuses?preset=messy");
        await rig.ControlAsync("statuses", """{"readProbability":0.25,"failures":[{"code":131026,"probability":1}]}""");
        Assert.Equal((0.25, 0.03, 131026), (rig.Simulator.Behaviour.Statuses.ReadProbability, rig.Simulator.Behaviour.Statuses.DuplicateProbability, rig.Simulator.Behaviour.Statuses.Failures.Single().Code));

        await rig.ControlAsync("webhooks", """{"maxUpdates":7}""");
        Assert.Equal((7, 1), (rig.Simulator.Behaviour.Webhooks.MaxUpdates, rig.Simulator.Behaviour.Webhooks.RetryBaseMs));
    }

    [Fact]
    public async Task A_reset_empties_the_ledger_and_can_rebuild_the_world()
    {
        await using var rig = await Rig.StartAsync();
        await rig.SendAsync(Rig.Template("+61491570006"));
        rig.Simulator.World.FindNumber(Rig.Number)!.MessagesPerSecond = 1;

        await rig.ControlAsync("reset?world");

        Assert.Equal(0, rig.Simulator.Ledger.Count);
        Assert.Equal(80, rig.Simulator.World.FindNumber(Rig.Number)!.MessagesPerSecond);
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006")));
    }

    [Fact]
    public async Task The_webhook_target_can_be_moved()
    {
        await using var rig = await Rig.StartAsync(options => options.WebhookUrl = null);
        await rig.SendAsync(Rig.Template("+61491570006"));
        await rig.DeliveredAsync();
        Assert.Equal(MessageState.Accepted, rig.Simulator.Ledger.Read().Single().State);

        await rig.ControlAsync("webhook/target", $$"""{"url":"{{rig.Receiver.Url}}","appSecret":"s2"}""");
        await rig.SendAsync(Rig.Template("+61491570007"));
        await rig.DeliveredAsync();

        var one = rig.Receiver.All[0];
        Assert.Equal(OrleansBsp.Simulator.Webhooks.Signature.Of("s2", System.Text.Encoding.UTF8.GetBytes(one.Body)), one.Signature);
    }

    [Fact]
    public async Task Mistakes_are_explained()
    {
        await using var rig = await Rig.StartAsync();

        using var unknown = await rig.Client.GetAsync("/control/nothing");
        using var broken = await rig.Client.PostAsync("/control/faults", new StringContent("{"));
        using var missing = await rig.Client.PostAsync("/control/numbers/1", new StringContent("{}"));

        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest], new[] { unknown.StatusCode, broken.StatusCode, missing.StatusCode });
        Assert.Equal("ok", (string?)(await rig.GetAsync("/control/health"))["status"]);
        Assert.Equal(DefaultWorld.WabaId, (string?)(await rig.GetAsync("/control/world"))["wabas"]![0]!["id"]);
    }
}
