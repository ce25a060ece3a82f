using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace OrleansBsp.Simulator.Tests;

/// <summary>One webhook as it arrived.</summary>
internal sealed record Received(string Body, string? Signature)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public IEnumerable<JsonNode> Values => Json["entry"]!.AsArray().SelectMany(entry => entry!["changes"]!.AsArray()).Select(change => change!["value"]!);

    public IEnumerable<JsonNode> Statuses => Values.SelectMany(value => value["statuses"]?.AsArray() ?? []).Select(status => status!);
}

/// <summary>A webhook receiver that keeps everything and answers as told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly List<Received> received = [];

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>HTTP status for the n-th POST, from 0.</summary>
    public Func<int, int> Answer { get; set; } = _ => 200;

    public string VerifyToken { get; set; } = "simulator-verify-token";

    public string Url => app.Urls.First() + "/webhook";

    public IReadOnlyList<Received> All
    {
        get
        {
            lock (received)
            {
                return [.. received];
            }
        }
    }

    /// <summary>Statuses in order of arrival.</summary>
    public IReadOnlyList<JsonNode> Statuses => [.. All.SelectMany(one => one.Statuses)];

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new Receiver(builder.Build());
        receiver.app.Run(receiver.TakeAsync);
        await receiver.app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        if (context.Request.Method == "GET")
        {
            var known = context.Request.Query["hub.verify_token"] == VerifyToken;
            context.Response.StatusCode = known ? 200 : 403;
            await context.Response.WriteAsync(known ? context.Request.Query["hub.challenge"].ToString() : "no");
            return;
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var one = new Received(await reader.ReadToEndAsync(), context.Request.Headers["X-Hub-Signature-256"]);
        lock (received)
        {
            received.Add(one);
            context.Response.StatusCode = Answer(received.Count - 1);
        }
    }
}
