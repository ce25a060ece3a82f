using System.Buffers;
using System.Net;

namespace OrleansBsp.Simulator.Bench;

/// <summary>The least a webhook receiver can do: read the bytes, count the statuses, answer 200.</summary>
internal sealed class BenchSink : IAsyncDisposable
{
    private readonly WebApplication app;
    private long statuses;
    private long bytes;

    private BenchSink(WebApplication app) => this.app = app;

    public long Statuses => Interlocked.Read(ref statuses);

    public long Bytes => Interlocked.Read(ref bytes);

    public string Url => app.Urls.First() + "/webhook";

    public static async Task<BenchSink> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var sink = new BenchSink(builder.Build());
        sink.app.Run(sink.TakeAsync);
        await sink.app.StartAsync();
        return sink;
    }

    public void Clear()
    {
        Interlocked.Exchange(ref statuses, 0);
        Interlocked.Exchange(ref bytes, 0);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.IsCompleted)
            {
                var body = result.Buffer.IsSingleSegment ? result.Buffer.FirstSpan : result.Buffer.ToArray();
                var count = body.Count("\"status\":"u8);
                Interlocked.Add(ref statuses, count);
                Interlocked.Add(ref bytes, result.Buffer.Length);
                reader.AdvanceTo(result.Buffer.End);
                return;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
