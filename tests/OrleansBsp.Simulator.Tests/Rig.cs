using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Tests;

/// <summary>A simulator with a receiver and a client, for one test. One webhook at a time, so that tests may speak of their order.</summary>
internal sealed class Rig : IAsyncDisposable
{
    public const string Number = DefaultWorld.StandardNumberId;
    public const string HighNumber = DefaultWorld.HighNumberId;
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private Rig(SimulatorHost simulator, Receiver receiver)
    {
        Simulator = simulator;
        Receiver = receiver;
        Client = new HttpClient { BaseAddress = simulator.Url };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", DefaultWorld.AccessToken);
    }

    public SimulatorHost Simulator { get; }

    public Receiver Receiver { get; }

    public HttpClient Client { get; }

    public static async Task<Rig> StartAsync(Action<SimulatorOptions>? change = null)
    {
        var receiver = await Receiver.StartAsync();
        var options = new SimulatorOptions
        {
            Url = "http://127.0.0.1:0",
            Http2Url = "http://127.0.0.1:0",
            WebhookUrl = receiver.Url,
            Statuses = StatusProfile.Instant,
            Webhooks = new WebhookOptions { MaxWaitMs = 0, RetryBaseMs = 1, Concurrency = 1 },
        };
        change?.Invoke(options);
        return new Rig(await SimulatorHost.StartAsync(options), receiver);
    }

    public static string Template(string to, string? token = null, string name = "store_hours", string components = "[]")
    {
        var callback = token is null ? "" : $"\"biz_opaque_callback_data\":\"{token}\",";
        return $$$$"""{"messaging_product":"whatsapp","to":"{{{{to}}}}",{{{{callback}}}}"type":"template","template":{"components":{{{{components}}}},"name":"{{{{name}}}}","language":{"code":"en_US"}}}""";
    }

    public static string Text(string to, string body = "hello")
        => $$$"""{"messaging_product":"whatsapp","to":"{{{to}}}","type":"text","text":{"body":"{{{body}}}"}}""";

    /// <summary>Posts a send and returns status and parsed body.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(string body, string number = Number)
    {
        using var response = await PostAsync(body, number);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    public Task<HttpResponseMessage> PostAsync(string body, string number = Number, CancellationToken cancellationToken = default)
        => Client.PostAsync($"/v26.0/{number}/messages", new StringContent(body, Encoding.UTF8, "application/json"), cancellationToken);

    /// <summary>Posts a send and returns Meta's code, 0 if it was accepted.</summary>
    public async Task<int> CodeOfAsync(string body, string number = Number) => (int?)(await SendAsync(body, number)).Body["error"]?["code"] ?? 0;

    public async Task<JsonNode> GetAsync(string path) => (await Client.GetFromJsonAsync<JsonNode>(path))!;

    public async Task<JsonNode> ControlAsync(string path, string body = "{}")
    {
        using var response = await Client.PostAsync("/control/" + path, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public async Task DeliveredAsync() => Assert.True(await Simulator.WaitForWebhooksDelivered(Patience), $"Webhooks were not delivered: {Simulator.WebhookFigures}");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Simulator.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
