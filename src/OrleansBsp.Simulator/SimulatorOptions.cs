using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator;

/// <summary>What the simulator is started with. As a tool it is bound from <c>Simulator__*</c> variables and <c>--Simulator:*</c> arguments.</summary>
public sealed class SimulatorOptions
{
    /// <summary>HTTP/1.1 address of Graph and control. Port 0 picks a free one. Default http://127.0.0.1:8090.</summary>
    public string Url { get; set; } = "http://127.0.0.1:8090";

    /// <summary>HTTP/2 without TLS (prior knowledge), same content as <see cref="Url"/>. Port 0 picks a free one; empty turns it off. Default http://127.0.0.1:8091.</summary>
    public string Http2Url { get; set; } = "http://127.0.0.1:8091";

    /// <summary>The app's callback URL. Null or empty: no webhook is sent and statuses end unheard. Default null.</summary>
    public string? WebhookUrl { get; set; }

    /// <summary>Key of <c>X-Hub-Signature-256</c>. Default "simulator-app-secret".</summary>
    public string AppSecret { get; set; } = "simulator-app-secret";

    /// <summary>Sent as <c>hub.verify_token</c> by the verification GET. Default "simulator-verify-token".</summary>
    public string VerifyToken { get; set; } = "simulator-verify-token";

    /// <summary>Every decision about a message is a function of this, its number, its recipient and the attempt. Default 1.</summary>
    public ulong Seed { get; set; } = 1;

    /// <summary>Whether the demo WABA, numbers and templates exist at start and after a reset of the world. Default true.</summary>
    public bool DefaultWorld { get; set; } = true;

    /// <summary>Keep the rendered body of each message in the ledger. Costs the body's length per message. Default false: only a hash.</summary>
    public bool KeepBodies { get; set; }

    /// <summary>HTTP status of 4, 80007, 130429 and 131056. Meta's pages name both 400 and 429. Default 429.</summary>
    public int RateLimitHttpStatus { get; set; } = 429;

    /// <summary>Prepend the sender's country code to recipients without "+" (Meta's written rule). Off by default because replies to a <c>wa_id</c> come without "+".</summary>
    public bool PrependCountryCode { get; set; }

    /// <summary>Milliseconds from creation of a template to its review. Default 2000.</summary>
    public int TemplateReviewMs { get; set; } = 2000;

    /// <summary>Streams that one HTTP/2 connection may have open. Lower makes clients open more connections. Default 1000.</summary>
    public int MaxStreamsPerConnection { get; set; } = 1000;

    /// <summary>Batching, concurrency and retry of webhooks.</summary>
    public WebhookOptions Webhooks { get; set; } = new();

    /// <summary>Which of Meta's limits are enforced.</summary>
    public LimitSettings Limits { get; set; } = new();

    /// <summary>How statuses follow a message.</summary>
    public StatusProfile Statuses { get; set; } = new();
}

/// <summary>How webhooks travel.</summary>
public sealed record WebhookOptions
{
    /// <summary>Status updates in one POST, 1 to 1000. Lower means more POSTs per message. Default 100.</summary>
    public int MaxUpdates { get; init; } = 100;

    /// <summary>Longest time a status waits for company, in ms. 0 sends what is there at each pass of the scheduler. Default 20.</summary>
    public int MaxWaitMs { get; init; } = 20;

    /// <summary>POSTs in flight at once, read at start. Default 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>A receiver that has not answered after this many ms has failed. Default 10000.</summary>
    public int TimeoutMs { get; init; } = 10_000;

    /// <summary>Wait before the first retry, in ms; doubles each time. Default 1000.</summary>
    public int RetryBaseMs { get; init; } = 1_000;

    /// <summary>Upper bound of one wait, in ms. Default one hour.</summary>
    public int RetryMaxMs { get; init; } = 3_600_000;

    /// <summary>Age at which a webhook is given up, in hours of the simulator's clock. Default 168, Meta's seven days.</summary>
    public int GiveUpAfterHours { get; init; } = 168;
}
