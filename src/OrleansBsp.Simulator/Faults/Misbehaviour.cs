using Microsoft.AspNetCore.Connections.Features;
using OrleansBsp.Simulator.Graph;

namespace OrleansBsp.Simulator.Faults;

/// <summary>Carries out a fault on the answer.</summary>
internal static class Misbehaviour
{
    public static bool IsBeforeAcceptance(FaultKind kind) => kind is FaultKind.Error or FaultKind.HangBeforeAccept or FaultKind.ResetBeforeAccept or FaultKind.ServerErrorBeforeAccept;

    public static async Task ActAsync(HttpContext context, FaultRule fault, int rateLimitHttpStatus)
    {
        switch (fault.Kind)
        {
            case FaultKind.Error:
                var error = GraphErrors.Of(fault.Code, fault.Details);
                await GraphAnswer.WriteErrorAsync(
                    context, fault.HttpStatus is { } status ? error with { HttpStatus = status } : error, fault.HttpStatus ?? rateLimitHttpStatus);
                break;
            case FaultKind.HangBeforeAccept or FaultKind.HangAfterAccept:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case FaultKind.ResetBeforeAccept or FaultKind.ResetAfterAccept:
                Abort(context, fault.WholeConnection);
                break;
            case FaultKind.ServerErrorBeforeAccept or FaultKind.ServerErrorAfterAccept:
                await GraphAnswer.WriteBytesAsync(context, 500, "text/html", "<html><body>Sorry, something went wrong.</body></html>"u8);
                break;
            case FaultKind.NotJson:
                await GraphAnswer.WriteBytesAsync(context, 200, "text/html", "<html><body>OK</body></html>"u8);
                break;
            case FaultKind.TruncatedJson or FaultKind.Latency:
                throw new InvalidOperationException($"{fault.Kind} is carried out where the answer is written.");
        }
    }

    private static void Abort(HttpContext context, bool wholeConnection)
    {
        if (wholeConnection && context.Features.Get<IConnectionLifetimeFeature>() is { } connection)
        {
            connection.Abort();
        }
        else
        {
            context.Abort();
        }
    }
}
