using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator.Tests.Limits;

public sealed class LimitTests
{
    [Fact]
    public async Task A_burst_above_the_rate_is_refused_and_never_shows_in_the_ledger()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.World.FindNumber(Rig.Number)!.MessagesPerSecond = 8;

        var codes = await Task.WhenAll(Enumerable.Range(0, 130).Select(i => rig.CodeOfAsync(Rig.Template($"+6149157{i:0000}"))));

        var accepted = codes.Count(code => code == 0);
        Assert.InRange(accepted, 8, 129);
        Assert.Equal(130 - accepted, codes.Count(code => code == 130429));
        var pace = rig.Simulator.Ledger.Summarize().Numbers.Single();
        Assert.Equal(8, pace.Accepted.MaxPerSecond);
        Assert.Equal(130, pace.Arrived.Count);
        Assert.Equal(130 - accepted, rig.Simulator.Ledger.RefusedByCode[130429]);
    }

    [Fact]
    public async Task Inbound_messages_use_up_the_rate()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.World.FindNumber(Rig.Number)!.MessagesPerSecond = 1;

        // Rate windows run on real time: retry where a slow machine let the second pass between the two.
        for (var attempt = 0; ; attempt++)
        {
            rig.Simulator.ReceiveInbound(new() { PhoneNumberId = Rig.Number, From = "61491570006", Text = "hi" });
            if (await rig.CodeOfAsync(Rig.Template("+61491570007")) == 130429 || attempt == 5)
            {
                Assert.NotEqual(5, attempt);
                return;
            }
        }
    }

    [Fact]
    public async Task One_recipient_gets_45_and_others_are_unaffected()
    {
        await using var rig = await Rig.StartAsync();

        var codes = new List<int>();
        for (var i = 0; i < 50; i++)
        {
            codes.Add(await rig.CodeOfAsync(Rig.Template("+61491570006"), Rig.HighNumber));
        }

        Assert.Equal(5, codes.Count(code => code == 131056));
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570007"), Rig.HighNumber));
        rig.Simulator.AdvanceClock(TimeSpan.FromSeconds(6.5));
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006"), Rig.HighNumber));
    }

    [Fact]
    public async Task The_window_opens_with_a_message_and_closes_after_24_hours()
    {
        await using var rig = await Rig.StartAsync();
        Assert.Equal(131047, await rig.CodeOfAsync(Rig.Text("+61491570006")));

        rig.Simulator.ReceiveInbound(new() { PhoneNumberId = Rig.Number, From = "61491570006", Text = "hi" });
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Text("61491570006")));
        Assert.Equal(131047, await rig.CodeOfAsync(Rig.Text("+61491570006"), Rig.HighNumber));

        rig.Simulator.AdvanceClock(TimeSpan.FromHours(24));
        Assert.Equal(131047, await rig.CodeOfAsync(Rig.Text("+61491570006")));
    }

    [Fact]
    public async Task The_closed_window_can_be_told_by_status()
    {
        await using var rig = await Rig.StartAsync(options => options.Limits = new LimitSettings { ServiceWindowAsync = true });

        Assert.Equal(0, await rig.CodeOfAsync(Rig.Text("+61491570006")));
        await rig.DeliveredAsync();

        Assert.Equal(131047, (int)rig.Receiver.Statuses.Single()["errors"]![0]!["code"]!);
    }

    [Fact]
    public async Task Limits_can_be_switched_off_and_the_http_status_of_rate_errors_chosen()
    {
        await using var rig = await Rig.StartAsync(options => options.RateLimitHttpStatus = 400);
        rig.Simulator.Behaviour.Limits = new LimitSettings { PairBurst = 1, PairRefillSeconds = 1000 };
        await rig.CodeOfAsync(Rig.Template("+61491570006"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await rig.SendAsync(Rig.Template("+61491570006"))).Status);

        await rig.ControlAsync("limits", """{"pair":false}""");

        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006")));
    }
}
