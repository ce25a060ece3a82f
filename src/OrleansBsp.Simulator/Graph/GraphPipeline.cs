using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Control;
using OrleansBsp.Simulator.Faults;

namespace OrleansBsp.Simulator.Graph;

/// <summary>
/// The one middleware: stamps the arrival before anything else, takes the path apart by hand and leads to control, to the hot path or to the reads.
/// The framework's routing costs more than a send.
/// </summary>
internal sealed class GraphPipeline(Engine engine)
{
    private readonly SendHandler sends = new(engine);
    private readonly GraphReads reads = new(engine);
    private readonly GraphWrites writes = new(engine);
    private readonly ControlApi control = new(engine);

    public async Task InvokeAsync(HttpContext context)
    {
        var arrival = engine.Clock.RealMicros;
        try
        {
            var path = context.Request.Path.Value ?? "/";
            if (path.StartsWith("/control/", StringComparison.Ordinal))
            {
                await control.HandleAsync(context, path["/control/".Length..]);
                return;
            }

            var call = GraphPath.Parse(path);
            if (Authorise(context.Request.Headers.Authorization.ToString(), call, out var number, out var waba, out var template) is { } refusal)
            {
                await GraphAnswer.WriteErrorAsync(context, refusal, engine.Options.RateLimitHttpStatus);
            }
            else if (number is not null && call.Edge == "messages" && HttpMethods.IsPost(context.Request.Method))
            {
                await sends.HandleAsync(context, number, call.Version, arrival);
            }
            else
            {
                await ManageAsync(context, call, number, waba, template);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to tell.
        }
    }

    private async Task ManageAsync(HttpContext context, GraphPath call, BusinessNumber? number, Waba? waba, Template? template)
    {
        if (!engine.Faults.IsEmpty)
        {
            var hit = engine.Faults.Strike(isSend: false, call.Id, [], Hash.Mix((ulong)engine.Clock.RealMicros));
            if (hit.DelayMs > 0)
            {
                await Task.Delay(hit.DelayMs, context.RequestAborted);
            }

            if (hit.Rule is { } fault && Misbehaviour.IsBeforeAcceptance(fault.Kind))
            {
                await Misbehaviour.ActAsync(context, fault, engine.Options.RateLimitHttpStatus);
                return;
            }
        }

        var task = context.Request.Method switch
        {
            "GET" => reads.TryHandle(context, call, number, waba, template),
            _ => writes.TryHandle(context, call, number, waba, template),
        };
        await (task ?? GraphAnswer.WriteErrorAsync(context, GraphErrors.NoObject(call.Id), engine.Options.RateLimitHttpStatus));
    }

    private GraphError? Authorise(string authorization, GraphPath call, out BusinessNumber? number, out Waba? waba, out Template? template)
    {
        number = engine.World.FindNumber(call.Id);
        template = number is null ? engine.World.FindTemplate(call.Id) : null;
        waba = number?.Waba ?? template?.Waba ?? engine.World.FindWaba(call.Id);
        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return GraphErrors.Of(104);
        }

        var token = authorization.AsSpan(7).Trim();
        if (waba is not null && token.SequenceEqual(waba.AccessToken))
        {
            return null;
        }

        return !engine.World.KnowsToken(token.ToString()) ? GraphErrors.Of(190) : waba is null ? GraphErrors.NoObject(call.Id) : GraphErrors.Of(200);
    }
}

/// <summary>A Graph path: <c>/v26.0/{id}/{edge}</c>, version optional.</summary>
/// <param name="Version">Major version, 0 if the path has none.</param>
/// <param name="Edge">Empty for the object itself.</param>
internal readonly record struct GraphPath(int Version, string Id, string Edge)
{
    public static GraphPath Parse(string path)
    {
        var rest = path.AsSpan(1).TrimEnd('/');
        var version = 0;
        if (rest.Length > 1 && rest[0] == 'v' && char.IsAsciiDigit(rest[1]))
        {
            var end = rest.IndexOf('/');
            var head = end < 0 ? rest : rest[..end];
            var dot = head.IndexOf('.');
            _ = int.TryParse(dot < 0 ? head[1..] : head[1..dot], out version);
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        var slash = rest.IndexOf('/');
        return slash < 0 ? new GraphPath(version, rest.ToString(), "") : new GraphPath(version, rest[..slash].ToString(), rest[(slash + 1)..].ToString());
    }
}
