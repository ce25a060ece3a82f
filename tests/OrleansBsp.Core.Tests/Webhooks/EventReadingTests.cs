using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

public class EventReadingTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1795335100);

    [Fact]
    public void A_template_status_has_id_as_text_and_language_with_underscore()
    {
        var paused = Assert.IsType<TemplateEvent.StatusChanged>(WebhookBodies.Sample("073").Templates[0]);
        Assert.Equal(("1689556908129832", "diwali_offer_2026", "en_US", "PAUSED"), (paused.TemplateId, paused.Name, paused.Language, paused.Event));
        Assert.Equal(("FIRST_PAUSE", "Your WhatsApp message template has been paused for 3 hours."), (paused.NoteTitle, paused.Note));
        Assert.Null(paused.Reason);
        Assert.Equal("MARKETING", paused.Category);
        Assert.Equal(At, paused.At);

        var rejected = Assert.IsType<TemplateEvent.StatusChanged>(WebhookBodies.Sample("071").Templates[0]);
        Assert.Equal("INVALID_FORMAT", rejected.Reason);
        Assert.StartsWith("Your template has parameters", rejected.RejectionReason, StringComparison.Ordinal);
        Assert.StartsWith("Separate parameters", rejected.Recommendation, StringComparison.Ordinal);

        var disabled = Assert.IsType<TemplateEvent.StatusChanged>(WebhookBodies.Sample("075").Templates[0]);
        Assert.Equal(At, disabled.DisabledAt);
        Assert.Null(Assert.IsType<TemplateEvent.StatusChanged>(WebhookBodies.Sample("077").Templates[0]).Reason);
    }

    [Fact]
    public void Rejection_info_may_stand_beside_the_value()
    {
        var content = WebhookBodies.Read("""
            {"entry":[{"id":"1","changes":[{"field":"message_template_status_update","rejection_info":{"reason":"r","recommendation":"do"},
            "value":{"event":"REJECTED","message_template_id":"5","reason":"INVALID_FORMAT"}}]}]}
            """);
        var rejected = Assert.IsType<TemplateEvent.StatusChanged>(Assert.Single(content.Templates));
        Assert.Equal(("5", "r", "do"), (rejected.TemplateId, rejected.RejectionReason, rejected.Recommendation));
    }

    [Theory]
    [InlineData("message_template_quality_update")]
    [InlineData("message_template_status_update")]
    public void Quality_is_recognised_by_its_key_under_either_field(string field)
    {
        var content = WebhookBodies.Read(WebhookBodies.Change(
            """{"previous_quality_score":"GREEN","new_quality_score":"YELLOW","message_template_id":99999999999999999999,"message_template_language":"en-US"}""", field));
        Assert.Equal(
            new TemplateEvent.QualityChanged("1", "99999999999999999999", null, "en_US", At, "GREEN", "YELLOW"),
            Assert.Single(content.Templates));
    }

    [Fact]
    public void Template_components_and_categories_are_read()
    {
        var components = Assert.IsType<TemplateEvent.ComponentsChanged>(WebhookBodies.Sample("079").Templates[0]);
        Assert.Equal(("Festive savings", "Reply STOP to opt out"), (components.Header, components.Footer));
        Assert.StartsWith("[", components.ButtonsJson, StringComparison.Ordinal);

        var impending = Assert.IsType<TemplateEvent.CategoryChanged>(WebhookBodies.Sample("080").Templates[0]);
        Assert.Equal((null, "UTILITY", "MARKETING"), (impending.Previous, impending.Current, impending.Upcoming));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795421530), impending.UpcomingAt);

        var completed = Assert.IsType<TemplateEvent.CategoryChanged>(WebhookBodies.Sample("081").Templates[0]);
        Assert.Equal(("UTILITY", "MARKETING", null), (completed.Previous, completed.Current, completed.Upcoming));
    }

    [Fact]
    public void Numbers_have_their_limit_under_the_new_and_the_old_key()
    {
        foreach (var body in new[] { "082", "083" })
        {
            var change = Assert.IsType<NumberEvent.LimitChanged>(WebhookBodies.Sample(body).Numbers[0]);
            Assert.Equal(("61255500047", "THROUGHPUT_UPGRADE", true), (change.DisplayPhoneNumber, change.Event, change.Limit!.Value.IsUnlimited));
        }

        Assert.Equal("APPROVED", Assert.IsType<NumberEvent.NameReviewed>(WebhookBodies.Sample("084").Numbers[0]).Decision);
        var rejected = Assert.IsType<NumberEvent.NameReviewed>(WebhookBodies.Sample("085").Numbers[0]);
        Assert.Equal(("REJECTED", "NAME_NOT_CONSISTENT", "Best Deals 24x7"), (rejected.Decision, rejected.RejectionReason, rejected.RequestedName));
        Assert.Equal("approved", Assert.IsType<NumberEvent.UsernameChanged>(WebhookBodies.Sample("104").Numbers[0]).Status);
    }

    [Theory]
    [InlineData("TIER_250", 250, false)]
    [InlineData("TIER_2K", 2000, false)]
    [InlineData("TIER_100K", 100_000, false)]
    [InlineData("2000", 2000, false)]
    [InlineData("TIER_UNLIMITED", null, true)]
    [InlineData("-1", null, true)]
    [InlineData("TIER_NOT_SET", null, false)]
    [InlineData("TIER_", null, false)]
    [InlineData("TIER_99999999999K", null, false)]
    public void A_limit_is_read_in_any_of_its_forms(string text, int? perDay, bool unlimited) =>
        Assert.Equal(new MessagingLimit(text, perDay, unlimited), MessagingLimit.Parse(text));

    [Fact]
    public void Account_events_say_what_happened()
    {
        Assert.Equal("SCAM", Update("087").ViolationType);
        Assert.Equal(
            [new AccountRestriction("RESTRICTED_BIZ_INITIATED_MESSAGING", DateTimeOffset.FromUnixTimeSeconds(1795594371), null),
             new AccountRestriction("RESTRICTED_ADD_PHONE_NUMBER_ACTION", DateTimeOffset.FromUnixTimeSeconds(1795594371), null)],
            Update("088").Restrictions);
        Assert.Equal(("DISABLED_UPDATE", "DISABLE", "November 22, 2026"), (Update("089").Event, Update("089").BanState, Update("089").BanDate));
        Assert.Equal("REINSTATE", Update("090").BanState);
        Assert.Equal("ACCOUNT_DELETED", Update("091").Event);
        Assert.Equal("PRIMARY_INACTIVITY", Update("093").DisconnectionReason);
        var alert = Assert.IsType<AccountEvent.Alerted>(WebhookBodies.Sample("095").Accounts[0]);
        Assert.Equal(("BUSINESS", "WARNING", "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED"), (alert.EntityType, alert.Severity, alert.Type));
        Assert.Equal("APPROVED", Assert.IsType<AccountEvent.Reviewed>(WebhookBodies.Sample("096").Accounts[0]).Decision);
        var capability = Assert.IsType<AccountEvent.CapabilityChanged>(WebhookBodies.Sample("086").Accounts[0]);
        Assert.Equal((2000L, 25), (capability.Limit!.Value.PerDay, capability.MaxPhoneNumbers));
        Assert.Equal("PIN_CHANGED", Assert.IsType<AccountEvent.PinEvent>(WebhookBodies.Sample("097").Accounts[0]).Event);

        static AccountEvent.Updated Update(string body) => Assert.IsType<AccountEvent.Updated>(WebhookBodies.Sample(body).Accounts[0]);
    }

    [Theory]
    [InlineData("098", PreferenceChange.Stop, "61491570159", null)]
    [InlineData("099", PreferenceChange.Resume, "61491570159", null)]
    [InlineData("100", PreferenceChange.Signup, "61491570110", "13176843987434774")]
    public void Preferences_are_read(string body, PreferenceChange change, string waId, string? signupId)
    {
        var preference = Assert.Single(WebhookBodies.Sample(body).Preferences);
        Assert.Equal((change, waId, signupId, "marketing_messages"), (preference.Change, preference.WaId, preference.SignupId, preference.Category));
        Assert.NotNull(preference.At);
        Assert.NotNull(preference.UserId);
    }

    [Fact]
    public void Echoes_clicks_and_errors_are_read()
    {
        var echo = Assert.Single(WebhookBodies.Sample("101").Echoes);
        Assert.Equal(("61491570006", "text", "Sent from the WhatsApp Business app"), (echo.To, echo.Type, echo.Text));

        var click = Assert.Single(WebhookBodies.Sample("064").Actions);
        Assert.Equal(("cta", "clk_01JD7Example", "SKU-TEAL-42"), (click.ClickComponent, click.ClickId, click.ProductId));

        var error = Assert.Single(WebhookBodies.Sample("034").Errors);
        Assert.Equal((130429, "118233907745512"), (error.Error.Code, error.PhoneNumberId));
    }

    [Fact]
    public void History_is_kept_apart_from_fresh_messages()
    {
        var content = WebhookBodies.Read(WebhookBodies.Change(
            """{"messages":[{"from":"1","id":"w","timestamp":"1","type":"image","image":{}}]}""", "history"));
        Assert.Empty(content.Inbound);
        Assert.Equal("history", Assert.Single(content.Others).Field);
        Assert.Equal("FLOW_STATUS_CHANGE", WebhookBodies.Sample("105").Others[0].Event);
    }

    [Fact]
    public void Match_calls_the_arm_of_its_kind()
    {
        Assert.Equal("sqcC", string.Concat(new[] { "070", "078", "079", "080" }
            .Select(body => WebhookBodies.Sample(body).Templates[0].Match(_ => 's', _ => 'q', _ => 'c', _ => 'C'))));
        Assert.Equal("lnu", string.Concat(new[] { "082", "084", "104" }
            .Select(body => WebhookBodies.Sample(body).Numbers[0].Match(_ => 'l', _ => 'n', _ => 'u'))));
        Assert.Equal("uarcp", string.Concat(new[] { "087", "095", "096", "086", "097" }
            .Select(body => WebhookBodies.Sample(body).Accounts[0].Match(_ => 'u', _ => 'a', _ => 'r', _ => 'c', _ => 'p'))));
    }
}
