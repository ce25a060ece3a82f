using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Tests.Scenarios;
using OrleansBsp.Simulator.Fates;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Telemetry;

/// <summary>By HTTP, for collectors that are reached through proxies.</summary>
public sealed class OtlpByHttpTests(ITestOutputHelper output) : OtlpTests(output, "http/protobuf");

/// <summary>By gRPC, OpenTelemetry's default and that of <c>k8s/components/otlp</c>.</summary>
public sealed class OtlpByGrpcTests(ITestOutputHelper output) : OtlpTests(output, "grpc");

/// <summary>With OpenTelemetry's own variable the server sends measures and traces to a collector: here one that only listens.</summary>
public abstract class OtlpTests(ITestOutputHelper output, string protocol) : ScenarioTests(output), IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _heard = new();
    private WebApplication? _collector;

    protected override async Task<Stage> SetStageAsync()
    {
        var url = $"http://127.0.0.1:{Ports.Next()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.WebHost.ConfigureKestrel(options => options.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1));
        builder.Logging.ClearProviders();
        _collector = builder.Build();
        _collector.MapPost("/v1/{signal}", (string signal, HttpRequest request) => HearAsync(signal, request));
        _collector.MapPost("/opentelemetry.proto.collector.{signal}.v1.{service}/Export", async (string signal, HttpContext call) =>
        {
            await HearAsync(signal == "trace" ? "traces" : signal, call.Request);
            call.Response.ContentType = "application/grpc";
            call.Response.AppendTrailer("grpc-status", "0");
            await call.Response.Body.WriteAsync(new byte[5]); // an empty message
        });
        await _collector.StartAsync();
        return await Stage.SetAsync(settings:
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_METRIC_EXPORT_INTERVAL", "1000"), ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("Telemetry__TraceRatio", "1"),
        ]);
    }

    [Fact]
    public async Task Measures_and_traces_reach_a_collector_with_the_servers_name_and_without_people()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant;
        var campaign = await Stage.LaunchAsync(Audience.Of(30));
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Read == 30, "all are read");

        await Stage.Api.SendMessageAsync(new { phoneNumberId = Stage.Number1000, to = "+919870055555", type = "template", template = new { name = "store_hours", language = new { code = "en_US" } } });
        foreach (var step in (string[])["message permit", "message release", "message post", "message record", "message receipt", "bsp.message", "orleansbsp", "service.version", Product.Version, "bsp.silo", "bsp.roles"])
            await Wait.UntilAsync(() => Heard("traces").Contains(step, StringComparison.Ordinal), $"the collector has heard of '{step}'");
        await Wait.UntilAsync(() => Heard("metrics").Contains("bsp.campaign.reached", StringComparison.Ordinal), "the collector has heard of the measures");
        foreach (var heard in _heard.Values) Assert.DoesNotContain("919870", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("Person 1", Heard("traces"), StringComparison.Ordinal);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_collector is not null) await _collector.DisposeAsync();
    }

    private async Task HearAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var text = Encoding.Latin1.GetString(body.ToArray());
        _heard.AddOrUpdate(signal, text, (_, before) => before + text);
    }

    private string Heard(string signal) => _heard.GetValueOrDefault(signal, "");
}
