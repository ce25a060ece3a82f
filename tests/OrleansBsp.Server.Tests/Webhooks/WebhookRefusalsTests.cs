using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OrleansBsp.Server.Tests.Telemetry;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

public sealed class WebhookRefusalsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly KeptLog _log = new();

    [Fact]
    public void A_flood_is_one_line_a_minute_with_its_number()
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_log));
        var refusals = new WebhookRefusals(_clock, factory.CreateLogger<WebhookRefusals>());

        for (var call = 0; call < 1000; call++) refusals.Webhook("forged");
        refusals.Verification("guessed"); // has a minute of its own
        _clock.Advance(TimeSpan.FromSeconds(59));
        refusals.Webhook("forged");
        _clock.Advance(TimeSpan.FromSeconds(1));
        refusals.Webhook("the last");
        refusals.Webhook("forged");

        Assert.Equal(
            [
                "3006 Webhooks refused since the last such line: 1. The last: forged",
                "3007 Verifications of the webhook address refused since the last such line: 1. The last: guessed",
                "3006 Webhooks refused since the last such line: 1001. The last: the last",
            ], _log.Lines);
    }
}
