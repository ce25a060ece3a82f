using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

public sealed class InboxGrainTests
{
    /// <summary>Stopped in the wait after its sixth failure, 3.2 s, it goes on elsewhere before that wait would have ended.</summary>
    [Fact]
    public async Task A_shard_that_waits_after_failures_ends_at_once_when_it_is_stopped()
    {
        await using var server = await TestServer.StartAsync();
        await server.ListAsync<int>(
            """
            create sequence tries;
            create function fail() returns trigger language plpgsql as $f$
            begin
              if nextval('tries') <= 6 then raise exception 'shutting down' using errcode = '57P01'; end if;
              return new;
            end $f$;
            create trigger fail before insert on conversation_message for each row execute function fail();
            select 1
            """);
        await server.AcknowledgedAsync(SampleBodies.Text("61491570304", "wamid.outage"));
        await TriesAsync(6);

        var stopped = Stopwatch.GetTimestamp();
        var shard = await server.ReadAsync<short>("""select h.shard from inbox_head h join inbox_cursor c using (shard) where c."offset" <> h.last_offset""");
        var grain = server.Services.GetRequiredService<IGrainFactory>().GetGrain<IInboxGrain>($"i:{shard}");
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await grain.Poke();
        await TriesAsync(7);

        Assert.InRange(Stopwatch.GetElapsedTime(stopped), TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
        await server.InboxAppliedAsync();

        Task TriesAsync(int tries) => Eventually.SeesAsync(() => server.ReadAsync<long>("select case when is_called then last_value else 0 end from tries"), seen => seen >= tries, $"{tries} tries");
    }
}
