using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansBsp.Server.Tests.Queues;

/// <summary>In front of a real SQS server, to do what Amazon's does now and then: of a batch it carries out all but the last entry, which it says failed and is not the sender's fault.</summary>
internal sealed class PartialSqs(WebApplication app, ConcurrentDictionary<string, int> toFail) : IAsyncDisposable
{
    public Uri Url => new(app.Urls.Single());

    /// <summary>The next so many batches of this action are carried out in part.</summary>
    public void Fail(string action, int batches) => toFail[action] = batches;

    /// <summary>As many batches as <see cref="Fail"/> has named were carried out in part.</summary>
    public bool HasFailed(string action) => toFail.GetValueOrDefault(action) <= 0;

    public static async Task<PartialSqs> StartAsync(Uri server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var toFail = new ConcurrentDictionary<string, int>();
        var http = new HttpClient { BaseAddress = server };
        app.Lifetime.ApplicationStopped.Register(http.Dispose);
        app.Run(context => PassAsync(context, http, toFail));
        await app.StartAsync();
        return new PartialSqs(app, toFail);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task PassAsync(HttpContext context, HttpClient http, ConcurrentDictionary<string, int> toFail)
    {
        var target = context.Request.Headers["X-Amz-Target"].ToString();
        var asked = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        var action = target.Split('.')[^1];
        JsonNode? failed = null;
        if (asked["Entries"] is JsonArray entries && toFail.AddOrUpdate(action, -1, (_, left) => left - 1) >= 0)
        {
            failed = entries[^1]!["Id"]!.DeepClone();
            entries.RemoveAt(entries.Count - 1);
        }

        var answer = new JsonObject();
        if (asked["Entries"] is not JsonArray { Count: 0 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, context.Request.Path.Value) { Content = new StringContent(asked.ToJsonString()) };
            request.Content.Headers.ContentType = new("application/x-amz-json-1.0");
            request.Headers.Add("X-Amz-Target", target);
            using var passed = await http.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)passed.StatusCode;
            answer = JsonNode.Parse(await passed.Content.ReadAsStringAsync())!.AsObject();
        }

        if (failed is not null)
        {
            var others = answer["Failed"] as JsonArray ?? [];
            others.Add(new JsonObject { ["Id"] = failed, ["Code"] = "InternalError", ["Message"] = "try again", ["SenderFault"] = false });
            answer["Failed"] ??= others;
        }

        context.Response.ContentType = "application/x-amz-json-1.0";
        await context.Response.WriteAsync(answer.ToJsonString());
    }
}
