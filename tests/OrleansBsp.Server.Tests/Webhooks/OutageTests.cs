using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Npgsql;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>The database goes away under a stream of webhooks: 503 meanwhile, and whatever was answered 200 is there afterwards.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_database_crashes()
    {
        var folder = Directory.CreateTempSubdirectory("bsp-outage-").FullName;
        await using (var postgres = await EmbeddedPostgres.StartAsync(folder, durable: true, CancellationToken.None)) await CrashUnderWebhooksAsync(postgres);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task CrashUnderWebhooksAsync(EmbeddedPostgres postgres)
    {
        var acknowledged = new ConcurrentBag<string>();
        var refused = 0;
        await using (var server = await TestServer.StartAsync(postgres.ConnectionString))
        {
            using var enough = new CancellationTokenSource();
            var senders = Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
            {
                for (var index = 0; !enough.IsCancellationRequested; index++)
                {
                    var wamid = $"wamid.{sender}.{index}";
                    var body = Encoding.UTF8.GetBytes(SampleBodies.Text($"6149157{sender:0000}", wamid));
                    using var answer = await server.PostAsync(body);
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        acknowledged.Add(wamid);
                        continue;
                    }

                    Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                    Assert.NotNull(answer.Headers.RetryAfter);
                    Interlocked.Increment(ref refused);
                    await Task.Delay(20);
                }
            })).ToList();
            await Eventually.IsTrueAsync(() => acknowledged.Count > 200, "webhooks are acknowledged");

            await postgres.RestartAsync(kill: true, TimeSpan.FromSeconds(1), CancellationToken.None);
            NpgsqlConnection.ClearPool(new NpgsqlConnection(postgres.ConnectionString)); // this test's own connections are dead too
            await Eventually.IsTrueAsync(() => refused > 0, "webhooks are refused");
            var before = acknowledged.Count;
            await Eventually.IsTrueAsync(() => acknowledged.Count > before + 200, "webhooks are acknowledged again");
            await enough.CancelAsync();
            await Task.WhenAll(senders);
            await server.InboxAppliedAsync();

            var stored = (await server.ListAsync<string>("select wamid from conversation_message")).ToHashSet();
            Assert.DoesNotContain(acknowledged, wamid => !stored.Contains(wamid));
        }
    }
}
