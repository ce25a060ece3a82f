using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Faults;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Graph;
using OrleansBsp.Simulator.Ledgers;
using OrleansBsp.Simulator.Limits;
using OrleansBsp.Simulator.Webhooks;

namespace OrleansBsp.Simulator.Control;

/// <summary>The simulator's own interface under <c>/control</c>; the README has a table of it. No authentication: it is a tool for one machine.</summary>
internal sealed class ControlApi(Engine engine)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly WorldControl world = new(engine);
    private readonly LedgerControl ledger = new(engine);
    private readonly WebhookControl webhooks = new(engine);

    public async Task HandleAsync(HttpContext context, string path)
    {
        try
        {
            var task = (context.Request.Method, path.TrimEnd('/')) switch
            {
                ("GET", "health") => AnswerAsync(context, new { status = "ok" }),
                ("POST", "reset") => ResetAsync(context),
                ("GET", "ledger") => ledger.StreamAsync(context),
                ("GET", "ledger/summary") => AnswerAsync(context, engine.Ledger.Summarize(LedgerControl.Filter(context.Request.Query))),
                ("GET", "faults") => AnswerAsync(context, engine.Faults.Rules.Select(one => new { one.Rule, one.Struck })),
                ("POST", "faults") => AddFaultsAsync(context),
                ("DELETE", "faults") => ClearFaultsAsync(context),
                ("GET", "limits") => AnswerAsync(context, engine.Behaviour.Limits),
                ("POST", "limits") => SetAsync<LimitSettings>(context, value => engine.Behaviour.Limits = value, engine.Behaviour.Limits),
                ("GET", "statuses") => AnswerAsync(context, engine.Behaviour.Statuses),
                ("POST", "statuses") => SetStatusesAsync(context),
                ("GET", "webhooks") => AnswerAsync(context, engine.Behaviour.Webhooks),
                ("POST", "webhooks") => SetAsync<WebhookOptions>(context, value => engine.Behaviour.Webhooks = value, engine.Behaviour.Webhooks),
                ("POST", "clock/advance") => AdvanceAsync(context),
                _ => world.TryHandle(context, path) ?? webhooks.TryHandle(context, path),
            };
            await (task ?? ProblemAsync(context, 404, $"There is no control call {context.Request.Method} /control/{path}."));
        }
        catch (JsonException exception)
        {
            await ProblemAsync(context, 400, exception.Message);
        }
        catch (ArgumentException exception)
        {
            await ProblemAsync(context, 400, exception.Message);
        }
    }

    public static Task AnswerAsync<T>(HttpContext context, T value)
        => GraphAnswer.WriteBytesAsync(context, 200, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, Json));

    public static Task ProblemAsync(HttpContext context, int status, string message)
        => GraphAnswer.WriteBytesAsync(context, status, "application/json", JsonSerializer.SerializeToUtf8Bytes(new { error = message }, Json));

    public static async Task<T> ReadAsync<T>(HttpContext context)
        => await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Json, context.RequestAborted) ?? throw new JsonException("The body is null.");

    private async Task ResetAsync(HttpContext context)
    {
        if (context.Request.Query.ContainsKey("world"))
        {
            engine.ResetWorld();
        }
        else
        {
            engine.Reset();
        }

        await AnswerAsync(context, new { reset = true });
    }

    private async Task AddFaultsAsync(HttpContext context)
    {
        var body = await ReadAsync<JsonNode>(context);
        var rules = body switch
        {
            JsonArray array => array.Deserialize<FaultRule[]>(Json),
            JsonObject { } one when one["rules"] is JsonArray array => array.Deserialize<FaultRule[]>(Json),
            _ => [body.Deserialize<FaultRule>(Json)!],
        };
        engine.Faults.Add(rules ?? []);
        await AnswerAsync(context, engine.Faults.Rules.Select(one => new { one.Rule, one.Struck }));
    }

    private Task ClearFaultsAsync(HttpContext context)
    {
        engine.Faults.Clear();
        return AnswerAsync(context, Array.Empty<object>());
    }

    private async Task SetStatusesAsync(HttpContext context)
    {
        StatusProfile? preset = context.Request.Query["preset"].ToString() switch
        {
            "instant" => StatusProfile.Instant,
            "messy" => StatusProfile.Messy,
            "default" => new StatusProfile(),
            _ => null,
        };
        if (preset is null)
        {
            await SetAsync<StatusProfile>(context, value => engine.Behaviour.Statuses = value, engine.Behaviour.Statuses);
            return;
        }

        engine.Behaviour.Statuses = preset;
        await AnswerAsync(context, preset);
    }

    // What the body leaves out keeps its value.
    private static async Task SetAsync<T>(HttpContext context, Action<T> set, T now)
    {
        var merged = JsonSerializer.SerializeToNode(now, Json)!.AsObject();
        foreach (var (key, value) in await ReadAsync<JsonObject>(context))
        {
            merged[key] = value?.DeepClone();
        }

        var changed = merged.Deserialize<T>(Json)!;
        set(changed);
        await AnswerAsync(context, changed);
    }

    private async Task AdvanceAsync(HttpContext context)
    {
        var by = (double?)(await ReadAsync<JsonObject>(context))["ms"] ?? 0;
        engine.Clock.Advance(TimeSpan.FromMilliseconds(by));
        engine.Flow.Scheduler.Wake();
        await AnswerAsync(context, new { nowUnixSeconds = engine.Clock.ToUnixSeconds(engine.Clock.NowMicros) });
    }
}
