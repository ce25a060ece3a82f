using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator.Bench;

/// <summary>
/// Measures the simulator alone: an HTTP/2 client, the simulator and a receiver that answers 200, all in this process. Each message gets three
/// statuses. Prints what was sent per second, what it cost, and whether everything arrived.
/// </summary>
internal static class BenchCommand
{
    private const long FirstRecipient = 61_400_000_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var bench = new ConfigurationBuilder().AddCommandLine([.. args.Where(arg => arg != "--bench")]).Build().GetSection("Bench").Get<BenchOptions>() ?? new BenchOptions();
        await using var sink = await BenchSink.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions
        {
            Url = "http://127.0.0.1:0",
            Http2Url = "http://127.0.0.1:0",
            WebhookUrl = sink.Url,
            Limits = LimitSettings.None,
            Statuses = StatusProfile.Instant with { SentMaxMs = 50, DeliveredMaxMs = 200, ReadMaxMs = 500 },
            Webhooks = new WebhookOptions { MaxUpdates = bench.MaxUpdates },
        });
        using var client = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false }) { BaseAddress = simulator.Http2Url };

        // Warm: connections, pools and compiled code belong to no message.
        await SendAsync(client, new BenchOptions { Seconds = 1, Concurrency = bench.Concurrency }, FirstRecipient - 1_000_000);
        await simulator.WaitForWebhooksDelivered(TimeSpan.FromSeconds(30));
        simulator.Reset();
        sink.Clear();

        var heapBefore = GC.GetTotalMemory(forceFullCollection: true);
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var latencies = await SendAsync(client, bench, FirstRecipient);
        var sendingSeconds = watch.Elapsed.TotalSeconds;
        var delivered = await simulator.WaitForWebhooksDelivered(TimeSpan.FromSeconds(30));
        var totalSeconds = watch.Elapsed.TotalSeconds;
        var cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        Print(simulator, sink, latencies, sendingSeconds, totalSeconds, cpu, heapBefore);
        return delivered && latencies.Length == simulator.Ledger.Count ? 0 : 1;
    }

    private static async Task<double[]> SendAsync(HttpClient client, BenchOptions bench, long firstRecipient)
    {
        var latencies = new List<double>[bench.Concurrency];
        var watch = Stopwatch.StartNew();
        var next = -1L;
        await Task.WhenAll(Enumerable.Range(0, bench.Concurrency).Select(worker => Task.Run(async () =>
        {
            var mine = latencies[worker] = [];
            while (watch.Elapsed.TotalSeconds < bench.Seconds)
            {
                var ordinal = Interlocked.Increment(ref next);
                if (bench.Rate > 0)
                {
                    var wait = (ordinal * 1000.0 / bench.Rate) - watch.Elapsed.TotalMilliseconds;
                    await Task.Delay((int)Math.Max(0, wait));
                }

                var started = Stopwatch.GetTimestamp();
                await SendOneAsync(client, firstRecipient, ordinal);
                mine.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        })));
        return [.. latencies.SelectMany(list => list).Order()];
    }

    private static async Task SendOneAsync(HttpClient client, long firstRecipient, long ordinal)
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""{"messaging_product":"whatsapp","recipient_type":"individual","to":"+{{firstRecipient + ordinal}}","type":"template","template":{"name":"diwali_offer","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"Asha"},{"type":"text","text":"25%"}]}]},"biz_opaque_callback_data":"bench:{{ordinal}}"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v26.0/{DefaultWorld.HighNumberId}/messages")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DefaultWorld.AccessToken);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
    }

    private static void Print(SimulatorHost simulator, BenchSink sink, double[] latencies, double sendingSeconds, double totalSeconds, TimeSpan cpu, long heapBefore)
    {
        var count = simulator.Ledger.Count;
        var heap = GC.GetTotalMemory(forceFullCollection: true) - heapBefore;
        var webhooks = simulator.WebhookFigures;
        var states = simulator.Ledger.Summarize().States;
        Console.WriteLine(FormattableString.Invariant($"""
            sends             {count} in {sendingSeconds:F1} s = {count / sendingSeconds:F0}/s, p50 {latencies[latencies.Length / 2]:F1} ms, p99 {latencies[latencies.Length * 99 / 100]:F1} ms
            with all statuses {totalSeconds:F1} s = {count / totalSeconds:F0}/s
            statuses          {sink.Statuses} at the receiver in {webhooks.Delivered} webhooks, {sink.Bytes / Math.Max(1, webhooks.Delivered)} bytes each, ack p50 {webhooks.P50Ms:F1} ms, p99 {webhooks.P99Ms:F1} ms
            final states      {string.Join(", ", states.Where(pair => pair.Value > 0).Select(pair => $"{pair.Key} {pair.Value}"))}
            processor         {cpu.TotalSeconds * 1000 / count:F3} s per 1,000 messages, client and receiver included
            memory            {heap / count} bytes per accepted message
            """));
    }
}
