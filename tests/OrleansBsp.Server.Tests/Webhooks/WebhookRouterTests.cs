using Microsoft.Extensions.DependencyInjection;
using OrleansBsp.Core.Webhooks;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>
/// What overwrites what came before is applied in the order of arrival. The first body of each batch has much to say before the word
/// that counts and the second has one word: beside each other the second would be done first.
/// </summary>
public sealed class WebhookRouterTests(SharedServer shared) : IClassFixture<SharedServer>, IAsyncLifetime
{
    private const string Template = "1689556908129832";
    private const string Person = "61491570110";

    private readonly TestServer _server = shared.Server;

    public Task InitializeAsync() => _server.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("PAUSED", "APPROVED")]
    [InlineData("APPROVED", "PAUSED")]
    public async Task The_last_word_on_a_template_stands(string first, string last)
    {
        await RouteAsync(
            SampleBodies.Body([.. Enumerable.Repeat(StatusOf("1", "APPROVED"), 50), StatusOf(Template, first)]),
            SampleBodies.Body(StatusOf(Template, last)));

        Assert.Equal(last, await _server.ReadAsync<string>("select status from template where id = @Template", new { Template }));
    }

    [Fact]
    public async Task A_status_of_a_template_that_comes_after_a_younger_one_changes_nothing()
    {
        // Meta's repeats come hours later, and requests of the same moment on different shards.
        await RouteAsync(At(1795335210, StatusOf(Template, "APPROVED")));
        await RouteAsync(At(1795335209, StatusOf(Template, "PAUSED")));

        Assert.Equal("APPROVED", await _server.ReadAsync<string>("select status from template where id = @Template", new { Template }));
    }

    [Fact]
    public async Task A_category_of_a_template_that_comes_after_a_younger_one_changes_nothing()
    {
        await RouteAsync(At(1795335210, CategoryOf(Template, "MARKETING", "UTILITY")));
        await RouteAsync(At(1795335209, CategoryOf(Template, "UTILITY", "MARKETING")));

        Assert.Equal("UTILITY", await _server.ReadAsync<string>("select category from template where id = @Template", new { Template }));
    }

    [Theory]
    [InlineData("stop", "resume", null)]
    [InlineData("resume", "stop", "marketing")]
    public async Task The_last_wish_of_a_person_stands(string first, string last, string? expected)
    {
        await RouteAsync(
            SampleBodies.Body([.. Enumerable.Range(1, 50).Select(other => Wish($"614915702{other:00}", "stop")), Wish(Person, first)]),
            SampleBodies.Body(Wish(Person, last)));

        Assert.Equal(expected, await _server.ReadAsync<string?>("select opted_out from contact where phone::text = @Person", new { Person }));
    }

    [Fact]
    public async Task A_resume_after_a_message_that_was_refused_for_the_stop_stands()
    {
        await RouteAsync(
            SampleBodies.Body([.. Enumerable.Range(1, 50).Select(other => Refused($"614915702{other:00}")), Refused(Person)]),
            SampleBodies.Body(Wish(Person, "resume")));

        Assert.Null(await _server.ReadAsync<string?>("select opted_out from contact where phone::text = @Person", new { Person }));
    }

    /// <summary>One batch of a shard, as its grain hands it over.</summary>
    private Task RouteAsync(params byte[][] bodies) => _server.Services.GetRequiredService<WebhookRouter>().RouteAsync(
        0, [.. bodies.Select((body, index) => (index + 1L, WebhookReader.Read(body)))], failures: 0, CancellationToken.None);

    private static byte[] At(long time, (string Value, string Field) change) => System.Text.Encoding.UTF8.GetBytes(
        $$"""{"object":"whatsapp_business_account","entry":[{"id":"104829366712045","time":{{time}},"changes":[{"value":{{change.Value}},"field":"{{change.Field}}"}]}]}""");

    private static (string Value, string Field) StatusOf(string template, string status) => (
        $$"""{"event":"{{status}}","message_template_id":{{template}},"message_template_name":"x","message_template_language":"en_US"}""", "message_template_status_update");

    private static (string Value, string Field) CategoryOf(string template, string previous, string present) => (
        $$"""{"message_template_id":{{template}},"message_template_name":"x","message_template_language":"en_US","previous_category":"{{previous}}","new_category":"{{present}}"}""",
        "template_category_update");

    private static (string Value, string Field) Wish(string person, string wish) => (
        $$"""{"messaging_product":"whatsapp","user_preferences":[{"wa_id":"{{person}}","category":"marketing_messages","value":"{{wish}}","timestamp":1795335210}]}""", "user_preferences");

    private static (string Value, string Field) Refused(string person) => (
        $$"""{"messaging_product":"whatsapp","statuses":[{"id":"wamid.{{person}}","status":"failed","timestamp":"1795334710","recipient_id":"{{person}}","errors":[{"code":131050,"title":"stopped"}]}]}""", "messages");
}
