using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Faults;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Meta may refuse a message for the moment twice here; waiting for the number's rate is not being refused.</summary>
public sealed class RefusedForNowTests(ITestOutputHelper output) : ScenarioTests(output)
{
    private const string Single = "+919812340001";

    protected override Task<Stage> SetStageAsync() => Stage.SetAsync(settings: ("Campaigns__MaxAttempts", "2"));

    [Fact]
    public async Task Only_who_is_refused_twice_is_given_up_however_often_one_had_to_wait_before()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant;
        var audience = Audience.Of(3).Refused(131056);
        foreach (var phone in (string[])[audience.Phones[0], Single])
        {
            Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 130429, Times = 2, RecipientsSuffix = phone[1..] });
            Stage.Meta.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = 131056, Times = 1, RecipientsSuffix = phone[1..] });
        }

        var campaign = await Stage.LaunchAsync(audience);
        var single = await SendAsync(Single);
        var refused = await SendAsync(new Audience().Refused(131056, 2).Phones[1]);
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        Assert.Equal(4, (await WaitForStateAsync(single, "read")).Attempt);
        var last = await WaitForStateAsync(refused, "refused");
        Assert.Equal(2, last.Attempt);
        Assert.StartsWith("given up after 2 refusals: ", last.Reason);
        await Stage.WaitUntilWebhooksAppliedAsync();

        var books = (await Stage.ReckonAsync(campaign.Id)).Books;
        Assert.Equal((3, 1), (books.Accepted, books.Refused));
        Assert.Equal((2 + 2, 1 + 2 + 1 + 2), (Stage.Meta.Ledger.RefusedByCode[130429], Stage.Meta.Ledger.RefusedByCode[131056]));
        await using var command = Stage.Database.CreateCommand("select position || ' ' || attempt || ' ' || coalesce(error_detail, '') from message where position in (1, 4) order by position");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        Assert.Equal("1 4 ", rows[0]);
        Assert.StartsWith("4 2 given up after 2 refusals: ", rows[1]);
    }

    private Task<string> SendAsync(string to) => Stage.Api.SendMessageAsync(new
    {
        phoneNumberId = Stage.Number1000, to, type = "template", template = new { name = "store_hours", language = new { code = "en_US" } },
    });

    private Task<MessageView> WaitForStateAsync(string id, string state) =>
        Wait.UntilAsync(() => Stage.Api.MessageAsync(id), message => message.State == state, $"message {id} is {state}");
}
