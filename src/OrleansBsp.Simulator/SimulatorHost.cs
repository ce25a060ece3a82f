using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Faults;
using OrleansBsp.Simulator.Graph;
using OrleansBsp.Simulator.Ledgers;
using OrleansBsp.Simulator.Webhooks;

namespace OrleansBsp.Simulator;

/// <summary>A running simulator. Tests start one each with port 0 and look at it without HTTP; the tool is the same with fixed ports.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly Engine engine;
    private readonly WebApplication app;

    private SimulatorHost(Engine engine, WebApplication app)
    {
        this.engine = engine;
        this.app = app;
    }

    /// <summary>HTTP/1.1 address with its real port.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>HTTP/2 (prior knowledge) address, or null if it is switched off.</summary>
    public Uri? Http2Url { get; private set; }

    /// <summary>What was accepted and refused.</summary>
    public Ledger Ledger => engine.Ledger;

    /// <summary>What goes wrong.</summary>
    public FaultPlan Faults => engine.Faults;

    /// <summary>Accounts, numbers, templates.</summary>
    public World World => engine.World;

    /// <summary>Statuses, limits and webhook delivery, changeable while running.</summary>
    public Behaviour Behaviour => engine.Behaviour;

    /// <summary>The clock of windows, delays and retries.</summary>
    public Clock Clock => engine.Clock;

    /// <summary>Where webhooks go from now on; null is nowhere.</summary>
    public string? WebhookUrl
    {
        get => engine.WebhookUrl;
        set => engine.WebhookUrl = value;
    }

    /// <summary>Deliveries so far.</summary>
    public WebhookFigures WebhookFigures => engine.Pump.Stats.Read(engine.Pump.Outstanding, engine.Flow.Scheduler.Count);

    /// <summary>Starts listening. Fails if an address is taken.</summary>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions options, CancellationToken cancellationToken = default)
    {
        var engine = new Engine(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.MaxStreamsPerConnection = options.MaxStreamsPerConnection;
            Listen(kestrel, options.Url, HttpProtocols.Http1);
            if (!string.IsNullOrEmpty(options.Http2Url))
            {
                Listen(kestrel, options.Http2Url, HttpProtocols.Http2);
            }
        });
        // Hanging answers must not hold up the end of a test.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        var app = builder.Build();
        app.Run(new GraphPipeline(engine).InvokeAsync);
        var simulator = new SimulatorHost(engine, app);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var addresses = app.Urls.Select(address => new Uri(address)).ToList();
        simulator.Url = addresses[0];
        simulator.Http2Url = addresses.Count > 1 ? addresses[1] : null;
        engine.Start();
        return simulator;
    }

    /// <summary>Waits until everything is delivered and acknowledged. False if the time ran out first.</summary>
    /// <param name="alsoFuture">Also waits for statuses whose time has not come. False: only for what is due by now.</param>
    public Task<bool> WaitForWebhooksDelivered(TimeSpan timeout, bool alsoFuture = true, CancellationToken cancellationToken = default)
        => engine.WaitIdleAsync(timeout, alsoFuture, cancellationToken);

    /// <summary>Sends a message from a user to one of the numbers and returns its wamid; null if there is no such number.</summary>
    public string? ReceiveInbound(InboundMessage message) => engine.Inbound.Receive(message);

    /// <summary>Posts these bytes to the webhook URL, signed, and returns the receiver's HTTP status; 0 if it did not answer.</summary>
    public Task<int> SendRawWebhook(ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        => engine.Pump.PostAsync(
            engine.WebhookUrl ?? throw new InvalidOperationException("There is no webhook URL."), body, Signature.Of(engine.AppSecret, body.Span), cancellationToken);

    /// <summary>The verification GET against the webhook URL.</summary>
    public Task<bool> VerifyWebhook(CancellationToken cancellationToken = default)
        => engine.Pump.VerifyAsync(
            engine.WebhookUrl ?? throw new InvalidOperationException("There is no webhook URL."), engine.VerifyToken, cancellationToken);

    /// <summary>Sets a template's status and sends the webhook about it.</summary>
    public void SetTemplateStatus(Template template, string status, string reason = "NONE") => new TemplateReview(engine).Decide(template, status, reason);

    /// <summary>Ends the pacing of a template: what it holds is released, or fails with 132015 and the template is paused. Returns how many.</summary>
    public int JudgeHeldMessages(Template template, bool drop) => engine.JudgeHeld(template, drop);

    /// <summary>Pushes the simulator's clock forward: delays and retries fall due, service windows close. Throughput is not affected.</summary>
    public void AdvanceClock(TimeSpan by)
    {
        engine.Clock.Advance(by);
        engine.Flow.Scheduler.Wake();
    }

    /// <summary>Empties ledger, faults, limits' memory and everything scheduled; the world stays unless asked for.</summary>
    public void Reset(bool alsoWorld = false)
    {
        if (alsoWorld)
        {
            engine.ResetWorld();
        }
        else
        {
            engine.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await engine.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, string url, HttpProtocols protocols)
    {
        var uri = new Uri(url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal));
        var address = uri.IsLoopback && !IPAddress.TryParse(uri.Host, out _) ? IPAddress.Loopback : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var given) ? given : IPAddress.Any;
        kestrel.Listen(address, uri.Port, listen => listen.Protocols = protocols);
    }
}
