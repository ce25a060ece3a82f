using System.Net;
using System.Security.Cryptography;
using System.Text;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Queues;
using OrleansBsp.Server.Tests.Scenarios;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>A process that is the front door alone, with a queue behind it: there is no database and no silo for it to reach.</summary>
public sealed class FrontDoorTests(SharedSqsServer shared) : IClassFixture<SharedSqsServer>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bsp-door-").FullName;
    private Cable _cable = null!;
    private ServerProcess _door = null!;
    private HttpClient _http = null!;
    private (string Key, string Value)[] _queue = null!;

    public async Task InitializeAsync()
    {
        _cable = new Cable(shared.Server.Url);
        _queue = [.. SqsServer.Settings(shared.Server.Options(_cable.Url)), ("Ingest:Kind", "Sqs"), ("Meta:AppSecret", TestServer.AppSecret)];
        var settings = _queue.Append(("Roles", "webhooks")).ToDictionary(setting => setting.Item1.Replace(":", "__", StringComparison.Ordinal), setting => setting.Item2);
        _door = await ServerProcess.StartAsync(_folder, "Host=127.0.0.1;Port=9;Username=nobody;Timeout=1", settings);
        _http = new HttpClient { BaseAddress = _door.Url };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _door.DisposeAsync();
        await _cable.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_it_has_acknowledged_is_applied_by_a_silo_that_starts_later_and_it_stops_in_order()
    {
        foreach (var wamid in (string[])["wamid.one", "wamid.two"]) Assert.Equal(HttpStatusCode.OK, await PostAsync(SampleBodies.Text("61491570006", wamid)));
        await _door.StopAsync();

        await using var silo = await TestServer.StartAsync(settings: _queue);
        await Eventually.SeesAsync(() => silo.ReadAsync<int>("select count(*)::int from conversation_message where wamid in ('wamid.one', 'wamid.two')"), count => count == 2, "both are applied");
    }

    [Fact]
    public async Task It_is_ready_and_offers_nothing_but_the_door()
    {
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("api/v1/campaigns")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(SampleBodies.Text("61491570006", "wamid.forged"), sign: "something else"));
    }

    [Fact]
    public async Task While_the_queue_is_away_webhooks_are_refused_and_taken_again_by_itself()
    {
        await _cable.CutAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(SampleBodies.Text("61491570006", "wamid.away")));
        _cable.Mend();
        await Eventually.IsTrueAsync(async () => await PostAsync(SampleBodies.Text("61491570006", "wamid.away")) == HttpStatusCode.OK, "webhooks are taken again");
    }

    [Fact]
    public async Task What_does_not_fit_into_the_queue_is_refused_and_an_operator_reads_why()
    {
        var incompressible = Convert.ToBase64String(RandomNumberGenerator.GetBytes(9 << 18));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(SampleBodies.Text("61491570006", "wamid.long", incompressible)));
        await Eventually.IsTrueAsync(() => _door.Log.Any(IsWhy), "the log says why");
        Assert.Contains(_door.Log, IsWhy);

        static bool IsWhy(string line) => line.Contains("does not fit into queue webhooks", StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> PostAsync(string text, string? sign = null)
    {
        var body = Encoding.UTF8.GetBytes(text);
        using var request = new HttpRequestMessage(HttpMethod.Post, "webhooks/meta") { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", TestServer.Sign(sign is null ? body : Encoding.UTF8.GetBytes(sign)));
        using var answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }
}
