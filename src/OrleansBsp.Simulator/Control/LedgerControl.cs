using System.Globalization;
using System.Text.Json;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Simulator.Control;

/// <summary>The ledger as NDJSON: one line per accepted message, streamed, so a million of them cost no memory.</summary>
internal sealed class LedgerControl(Engine engine)
{
    private const int FlushEvery = 500;

    public static LedgerFilter Filter(IQueryCollection query) => new(
        TextOrNull(query["phoneNumberId"]), TextOrNull(query["tokenPrefix"]), TextOrNull(query["to"]),
        int.TryParse(query["from"], CultureInfo.InvariantCulture, out var from) ? Math.Max(0, from) : 0);

    public async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        var limit = int.TryParse(context.Request.Query["limit"], CultureInfo.InvariantCulture, out var asked) ? asked : int.MaxValue;
        var writer = context.Response.BodyWriter;
        var lines = 0;
        foreach (var record in engine.Ledger.Read(Filter(context.Request.Query)).Take(limit))
        {
            await JsonSerializer.SerializeAsync(writer.AsStream(leaveOpen: true), record, ControlApi.Json, context.RequestAborted);
            writer.GetSpan(1)[0] = (byte)'\n';
            writer.Advance(1);
            if (++lines % FlushEvery == 0)
            {
                await writer.FlushAsync(context.RequestAborted);
            }
        }

        await writer.FlushAsync(context.RequestAborted);
    }

    private static string? TextOrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
