using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

public class EnvelopeReadingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{\"object\":")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"object":"page","entry":[]}""")]
    [InlineData("""{"object":"whatsapp_business_account","entry":{}}""")]
    [InlineData("""{"entry":[7]}""")]
    [InlineData("""{"entry":[{"id":"1"}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[7]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"field":"messages"}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"field":"messages","value":[]}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"field":"messages","value":{}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"field":"messages","value":{"statuses":{}}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"field":"dreams","value":{"x":1}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"value":{"x":1}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"field":"security","value":{}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"field":"template_category_update","value":{"message_template_id":5}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"\ud83d":1,"value":{"\ud83d":7},"field":"x"}]}]}""")]
    [InlineData("""{"\ud83d":1,"entry":7}""")]
    public void What_is_no_webhook_is_named_once(string body)
    {
        var missed = Assert.Single(WebhookBodies.Read(body).NotUnderstood);
        Assert.NotEmpty(missed.Reason);
        Assert.True(missed.Snippet.Length <= NotUnderstood.MaxSnippet);
    }

    [Fact]
    public void An_empty_list_of_entries_says_nothing() =>
        Assert.Equal(new WebhookContent(), WebhookBodies.Read("""{"object":"whatsapp_business_account","entry":[]}"""));

    [Fact]
    public void Unused_lists_are_shared()
    {
        var content = WebhookBodies.Sample("040");
        Assert.Same(WebhookBodies.Sample("041").Inbound, content.Inbound);
        Assert.Same(new WebhookContent().NotUnderstood, content.NotUnderstood);
    }

    [Fact]
    public void A_bad_entry_or_change_costs_no_neighbour()
    {
        var content = WebhookBodies.Read("""
            {"object":"whatsapp_business_account","entry":[null,{"id":"1","changes":"?"},{"id":1048,"changes":[
            {"field":"dreams","value":{"x":1}},
            {"value":{"metadata":{"phone_number_id":118},"statuses":[{"id":"w","status":"sent","timestamp":1795334402}]},"field":"messages"},
            {"value":null,"field":"messages"},{"value":{"statuses":{},"messages":[{"from":"1","id":"m","type":"text","text":{"body":"x"}}]},"field":"messages"}]}]}
            """);
        Assert.Equal(("1048", "118"), (Assert.Single(content.Statuses).WabaId, content.Statuses[0].PhoneNumberId));
        Assert.Single(content.Inbound);
        Assert.Equal(
            ["entry[0]", "entry[1]", "entry[2].changes[0]", "entry[2].changes[2]", "entry[2].changes[3].value.statuses"],
            content.NotUnderstood.Select(missed => missed.Path));
    }

    [Theory]
    [InlineData("""{"entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp","statuses":[{"id":"w","status":"sent"}]}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","changes":[{"value":{"field":"messages","statuses":[{"id":"w","status":"sent"}]}}]}]}""")]
    [InlineData("""{"entry":[{"id":"1","field":"messages","changes":[{"value":{"statuses":[{"id":"w","status":"sent"}]}}]}]}""")]
    public void A_misplaced_or_missing_field_loses_no_status(string body) => Assert.Single(WebhookBodies.Read(body).Statuses);

    [Fact]
    public void A_deep_element_costs_no_neighbour_and_a_bottomless_one_does_not_throw()
    {
        const string good = """{"id":"w","status":"read","timestamp":"1795334402"}""";
        var deep = WebhookBodies.Read(WebhookBodies.Messages($"\"statuses\":[{good},{new string('[', 900)}{new string(']', 900)},{good}]"));
        Assert.Equal(2, deep.Statuses.Count);
        Assert.Single(deep.NotUnderstood);

        var bottomless = WebhookBodies.Read(WebhookBodies.Messages($"\"statuses\":[{good},{new string('[', 100_000)}{new string(']', 100_000)}]"));
        Assert.Equal("", Assert.Single(bottomless.NotUnderstood).Path);
    }

    [Fact]
    public void A_snippet_is_cut()
    {
        var content = WebhookBodies.Read(WebhookBodies.Change($$"""{"x":"{{new string('y', 10_000)}}"}""", "dreams"));
        Assert.Equal(500, Assert.Single(content.NotUnderstood).Snippet.Length);
    }
}
