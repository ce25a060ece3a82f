using System.Diagnostics;
using System.Net;
using System.Text.Json;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Faults;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Simulator.Tests.Faults;

public sealed class FaultTests
{
    [Theory]
    [InlineData(FaultKind.HangBeforeAccept, 0)]
    [InlineData(FaultKind.HangAfterAccept, 1)]
    [InlineData(FaultKind.ResetBeforeAccept, 0)]
    [InlineData(FaultKind.ResetAfterAccept, 1)]
    public async Task Without_an_answer_the_ledger_knows_whether_it_was_accepted(FaultKind kind, int accepted)
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.Faults.Add(new FaultRule { Kind = kind, Times = 1 });
        using var giveUp = new CancellationTokenSource(Rig.Patience);

        var send = rig.PostAsync(Rig.Template("+61491570006"), cancellationToken: giveUp.Token);
        while (rig.Simulator.Faults.Rules.Single().Struck == 0 || rig.Simulator.Ledger.Count < accepted)
        {
            await Task.Delay(1, giveUp.Token);
        }

        if (kind is FaultKind.HangBeforeAccept or FaultKind.HangAfterAccept)
        {
            Assert.False(send.IsCompleted);
            await giveUp.CancelAsync();
        }

        await Assert.ThrowsAnyAsync<Exception>(() => send);
        await rig.DeliveredAsync();

        Assert.Equal(accepted, rig.Simulator.Ledger.Count);
        Assert.Equal(accepted, rig.Simulator.Ledger.Summarize().LostAnswers);
        Assert.Equal(accepted * 3, rig.Receiver.Statuses.Count);
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006")));
    }

    [Theory]
    [InlineData(FaultKind.ServerErrorBeforeAccept, 500, 0)]
    [InlineData(FaultKind.ServerErrorAfterAccept, 500, 1)]
    [InlineData(FaultKind.TruncatedJson, 200, 1)]
    [InlineData(FaultKind.NotJson, 200, 1)]
    public async Task A_bad_answer_is_not_json(FaultKind kind, int status, int accepted)
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.Faults.Add(new FaultRule { Kind = kind, Times = 1 });

        using var response = await rig.PostAsync(Rig.Template("+61491570006"));

        Assert.Equal(status, (int)response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(body));
        Assert.Equal(accepted, rig.Simulator.Ledger.Count);
        Assert.All(rig.Simulator.Ledger.Read(), record => Assert.Equal(AnswerKind.Lost, record.Answer));
    }

    [Fact]
    public async Task A_reset_stream_of_http2_leaves_the_connection_alone_unless_the_whole_is_asked_for()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.Faults.Add(new FaultRule { Kind = FaultKind.ResetAfterAccept, Times = 1 });
        rig.Simulator.Faults.Add(new FaultRule { Kind = FaultKind.ResetAfterAccept, Times = 1, WholeConnection = true });

        await Assert.ThrowsAsync<HttpRequestException>(() => Http2Async(rig));
        await Assert.ThrowsAsync<HttpRequestException>(() => Http2Async(rig));

        Assert.Equal(HttpStatusCode.OK, await Http2Async(rig));
        Assert.Equal(3, rig.Simulator.Ledger.Count);
    }

    [Fact]
    public async Task An_error_rule_strikes_its_numbers_recipients_and_times_only()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 131048, HttpStatus = 418, Details = "why", Times = 2, Numbers = [Rig.Number], RecipientsSuffix = "06" });

        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570007")));
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006"), Rig.HighNumber));
        var (status, body) = await rig.SendAsync(Rig.Template("+61491570006"));
        Assert.Equal((418, 131048, "why"), ((int)status, (int)body["error"]!["code"]!, (string)body["error"]!["error_data"]!["details"]!));
        Assert.Equal(131048, await rig.CodeOfAsync(Rig.Template("+61491571106")));
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006")));
        Assert.Equal(2, rig.Simulator.Faults.Rules.Single().Struck);
    }

    [Fact]
    public async Task Account_limits_strike_the_reads()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 80007, Target = FaultTarget.Management });

        using var response = await rig.Client.GetAsync($"/v26.0/{DefaultWorld.WabaId}/phone_numbers");
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006")));
    }

    [Fact]
    public async Task Latency_delays_and_then_goes_on()
    {
        await using var rig = await Rig.StartAsync();
        rig.Simulator.Faults.Add(new FaultRule { Kind = FaultKind.Latency, MinMs = 80, MaxMs = 90 });
        var watch = Stopwatch.StartNew();

        Assert.Equal(0, await rig.CodeOfAsync(Rig.Template("+61491570006")));
        Assert.True(watch.ElapsedMilliseconds >= 75);
    }

    [Fact]
    public async Task A_probability_strikes_the_same_messages_on_every_run()
    {
        var first = await RunAsync();

        Assert.Equal(first, await RunAsync());
        Assert.InRange(first.Count(code => code == 131000), 40, 110);

        static async Task<int[]> RunAsync()
        {
            await using var rig = await Rig.StartAsync();
            rig.Simulator.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 131000, Probability = 0.5 });
            return await Task.WhenAll(Enumerable.Range(0, 150).Select(i => rig.CodeOfAsync(Rig.Template($"+6149157{i:0000}"), Rig.HighNumber)));
        }
    }

    [Fact]
    public async Task Patterns_break_the_transport_once()
    {
        await using var rig = await Rig.StartAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => rig.PostAsync(Rig.Template("+61400700012")));
        using var second = await rig.PostAsync(Rig.Template("+61400700012"));

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(2, rig.Simulator.Ledger.Summarize().Duplicates.Single().Count);
    }

    private static async Task<HttpStatusCode> Http2Async(Rig rig)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(rig.Simulator.Http2Url!, $"v26.0/{Rig.Number}/messages"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(Rig.Template("+61491570006")),
        };
        using var response = await rig.Client.SendAsync(request);
        return response.StatusCode;
    }
}
