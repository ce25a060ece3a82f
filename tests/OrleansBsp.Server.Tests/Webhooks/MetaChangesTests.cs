using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>What Meta says of a template reaches the campaigns that use it.</summary>
public sealed class MetaChangesTests(SharedServer shared) : IClassFixture<SharedServer>, IAsyncLifetime
{
    private readonly TestServer _server = shared.Server;

    public Task InitializeAsync() => _server.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("running", "paused", "Meta reports the template as PAUSED: Your WhatsApp message template has been paused for 3 hours. Resume when it is APPROVED again.")]
    [InlineData("scheduled", "paused", "Meta reports the template as PAUSED: Your WhatsApp message template has been paused for 3 hours. Resume when it is APPROVED again.")]
    [InlineData("draft", "draft", null)]
    public async Task A_paused_template_pauses_its_campaigns_and_says_why(string state, string expected, string? reason)
    {
        var campaign = await SampleAccount.AddCampaignAsync(_server.ConnectionString, 5, state);
        await _server.AcknowledgedAsync(SampleBodies.Change(
            """
            {"event":"PAUSED","message_template_id":1,"message_template_name":"store_hours","message_template_language":"en_US","reason":"NONE",
            "other_info":{"title":"FIRST_PAUSE","description":"Your WhatsApp message template has been paused for 3 hours."}}
            """, "message_template_status_update"));
        await _server.InboxAppliedAsync();

        Assert.Equal((expected, reason), (await _server.ListAsync<(string, string?)>("select state, state_reason from campaign_run where campaign_id = @campaign", new { campaign })).Single());
    }

    [Fact]
    public async Task A_paused_template_leaves_campaigns_of_other_templates_alone()
    {
        var campaign = await SampleAccount.AddCampaignAsync(_server.ConnectionString, 5, state: "scheduled");
        await _server.AcknowledgedAsync(SampleBodies.Sample("073"));
        await _server.InboxAppliedAsync();

        Assert.Equal("scheduled", await _server.ReadAsync<string>("select state from campaign_run where campaign_id = @campaign", new { campaign }));
    }
}
