using OrleansBsp.Core.Messages;
using static OrleansBsp.Core.Messages.MetaErrorClass;
using static OrleansBsp.Core.Messages.MetaErrorScope;

namespace OrleansBsp.Core.Tests.Messages;

/// <summary>The expectations below are written from Meta's reference (sections 2.3–2.8), not from the table.</summary>
public class MetaErrorTableTests
{
    public static TheoryData<int, int, MetaErrorClass, MetaErrorScope> Reference => new()
    {
        // 2.3
        { 0, 0, StopAccount, Waba }, { 1, 1, Uncertain, Message }, { 2, 2, Uncertain, Message }, { 3, 3, StopAccount, App },
        { 4, 4, SlowDown, App }, { 10, 10, StopAccount, Waba }, { 17, 17, SlowDown, App }, { 33, 33, StopAccount, Number },
        { 80007, 80007, SlowDown, Waba }, { 80008, 80008, SlowDown, WabaTemplates }, { 100, 100, Fix, Message },
        { 104, 104, StopAccount, Waba }, { 190, 190, StopAccount, Waba }, { 200, 299, StopAccount, Waba },
        { 368, 368, StopAccount, Waba }, { 613, 613, SlowDown, Feature }, { 803, 803, Fix, Message },
        // 2.4
        { 130403, 130403, RefuseRecipient, Recipient }, { 130429, 130429, SlowDown, Number },
        { 130472, 130472, RefuseRecipient, Recipient }, { 130497, 130497, RefuseRecipient, Country },
        { 131000, 131000, Uncertain, Message }, { 131005, 131005, StopAccount, Waba }, { 131008, 131009, Fix, Message },
        { 131016, 131016, Uncertain, Message }, { 131020, 131020, Fix, Feature }, { 131021, 131021, Fix, Message },
        { 131026, 131026, RefuseRecipient, Recipient }, { 131030, 131030, Fix, Message }, { 131031, 131031, StopAccount, Waba },
        { 131037, 131037, StopAccount, Number }, { 131041, 131041, Fix, Feature }, { 131042, 131042, StopAccount, Waba },
        { 131044, 131044, Fix, Feature }, { 131045, 131045, StopAccount, Number }, { 131047, 131047, RefuseRecipient, Recipient },
        { 131048, 131048, StopAccount, Number }, { 131049, 131049, RecipientWait, Recipient },
        { 131050, 131050, RefuseRecipient, Recipient }, { 131051, 131053, Fix, Message }, { 131055, 131055, Fix, Message },
        { 131056, 131056, RecipientWait, Recipient }, { 131057, 131057, RetryLater, Number }, { 131059, 131059, Fix, Feature },
        { 131061, 131061, StopCampaign, Campaign }, { 131062, 131062, RefuseRecipient, Recipient },
        { 131063, 131063, StopCampaign, Campaign }, { 131064, 131064, StopAccount, WabaUtility },
        { 131201, 131207, Fix, Feature }, { 131208, 131208, SlowDown, Feature }, { 131209, 131215, Fix, Feature },
        { 134011, 134011, StopCampaign, Campaign }, { 134100, 134100, Fix, Message }, { 134101, 134101, RetryLater, Template },
        { 134102, 134103, StopCampaign, Campaign }, { 135000, 135000, Fix, Message }, { 137000, 137000, RefuseRecipient, Recipient },
        { 139200, 139200, StopAccount, Feature },
        // 2.5
        { 132000, 132000, StopCampaign, Campaign }, { 132001, 132001, StopCampaign, Template }, { 132005, 132005, Fix, Message },
        { 132007, 132007, StopCampaign, Template }, { 132008, 132008, Fix, Message }, { 132012, 132012, Fix, Message },
        { 132015, 132016, StopCampaign, Template }, { 132018, 132018, Fix, Message }, { 132068, 132069, StopCampaign, Template },
        // 2.6
        { 133000, 133000, StopAccount, Number }, { 133004, 133004, Uncertain, Message }, { 133005, 133006, StopAccount, Number },
        { 133008, 133008, StopAccount, Number }, { 133009, 133009, RetryLater, Number }, { 133010, 133010, StopAccount, Number },
        { 133015, 133016, RetryLater, Number }, { 141002, 141002, StopAccount, Number }, { 147001, 147005, Fix, Feature },
        { 2494100, 2494100, RetryLater, Number }, { 2494164, 2494179, Fix, Feature }, { 2593079, 2593079, Fix, Feature },
        { 2593085, 2593085, Fix, Feature }, { 2593107, 2593109, Fix, Feature },
        // 2.7
        { 2388019, 2388019, Fix, WabaTemplates }, { 2388023, 2388024, Fix, WabaTemplates }, { 2388039, 2388040, Fix, WabaTemplates },
        { 2388047, 2388047, Fix, WabaTemplates }, { 2388072, 2388073, Fix, WabaTemplates }, { 2388293, 2388293, Fix, WabaTemplates },
        { 2388299, 2388299, Fix, WabaTemplates }, { 2388318, 2388318, Fix, WabaTemplates }, { 2388330, 2388330, Fix, WabaTemplates },
        { 200005, 200007, Fix, WabaTemplates }, { 136024, 136024, Fix, Feature },
        // 2.8
        { 138000, 138001, Fix, Feature }, { 138002, 138002, SlowDown, Feature }, { 138003, 138004, Fix, Feature },
        { 138005, 138005, SlowDown, Feature }, { 138006, 138018, Fix, Feature }, { 139000, 139004, Fix, Feature },
        { 139100, 139101, Fix, Feature }, { 139102, 139102, RetryLater, Feature }, { 139103, 139103, Fix, Feature },
        { 1752041, 1752041, Fix, Feature }, { 2388001, 2388001, Fix, Feature }, { 2388012, 2388012, Fix, Feature },
        { 2388091, 2388091, Fix, Feature }, { 2388093, 2388093, Fix, Feature }, { 2388103, 2388103, Fix, Feature },
    };

    [Theory]
    [MemberData(nameof(Reference))]
    public void Every_code_of_the_reference_has_its_class_and_scope(int first, int last, MetaErrorClass kind, MetaErrorScope scope)
    {
        for (var code = first; code <= last; code++)
        {
            var rule = MetaErrorTable.FindOrNull(code);
            Assert.NotNull(rule);
            Assert.Equal(kind, rule.Class);
            Assert.Equal(scope, rule.Scope);
        }
    }

    [Fact]
    public void The_table_holds_the_codes_of_the_reference_and_no_others()
    {
        var expected = Reference.SelectMany(row => Enumerable.Range((int)row[0], (int)row[1] - (int)row[0] + 1)).ToList();
        var actual = MetaErrorTable.Rules.SelectMany(rule => Enumerable.Range(rule.Code, rule.LastCode - rule.Code + 1)).ToList();

        Assert.Equal(expected.Order(), actual.Order());
        Assert.Equal(actual.Count, actual.Distinct().Count());
    }

    [Fact]
    public void Every_rule_has_words_for_an_operator()
    {
        foreach (var rule in AllRules)
        {
            Assert.InRange(rule.Title.Length, 5, 60);
            Assert.InRange(rule.Advice.Length, 10, 160);
            Assert.EndsWith(".", rule.Advice, StringComparison.Ordinal);
            Assert.DoesNotContain(rule.Code.ToString(), rule.Title, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_the_five_codes_that_may_follow_a_send_are_uncertain() =>
        Assert.Equal([1, 2, 131000, 131016, 133004], MetaErrorTable.Rules.Where(rule => rule.Class == Uncertain).Select(rule => rule.Code).Order());

    [Fact]
    public void In_a_failed_status_nothing_is_uncertain()
    {
        foreach (var rule in AllRules)
        {
            Assert.NotEqual(Uncertain, rule.FailedClass);
        }

        Assert.Equal("retryLater", MetaErrorTable.ForFailed(131000).FailedClassName);
        Assert.Equal("stopAccount", MetaErrorTable.ForFailed(131042).FailedClassName);
    }

    [Fact]
    public void What_the_sender_repeats_by_itself_has_a_wait_and_nothing_final_has_one()
    {
        foreach (var rule in AllRules)
        {
            var waits = rule.IsSafeToRepeat || rule.Class == Uncertain;
            Assert.Equal(waits, rule.RetryAfter(1, 0) > TimeSpan.Zero);
        }
    }

    [Theory]
    [InlineData(131057, 1, 60)]
    [InlineData(131057, 5, 60)]
    [InlineData(130429, 1, 1)]
    [InlineData(130429, 2, 2)]
    [InlineData(130429, 7, 60)]
    [InlineData(131056, 1, 1)]
    [InlineData(131056, 2, 4)]
    [InlineData(131056, 4, 64)]
    [InlineData(131056, 50, 1024)]
    [InlineData(131049, 1, 86400)]
    [InlineData(134101, 1, 600)]
    [InlineData(131000, 1, 5)]
    [InlineData(131000, 2, 30)]
    [InlineData(131000, 3, 120)]
    [InlineData(2, 1, 5)]
    [InlineData(2, 20, 300)]
    [InlineData(4, 1, 60)]
    [InlineData(4, 20, 3600)]
    [InlineData(133015, 1, 300)]
    [InlineData(133016, 1, 259200)]
    public void RetryAfter_follows_the_reference(int code, int attempt, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), MetaErrorTable.FindOrNull(code)!.RetryAfter(attempt, 0));

    [Theory]
    [InlineData(131049, 24 * 60)]
    [InlineData(131048, 24 * 60)]
    [InlineData(131056, 5)]
    [InlineData(131000, 5)]
    [InlineData(132069, 60)]
    [InlineData(132015, 0)]
    [InlineData(131042, 0)]
    [InlineData(132016, null)]
    [InlineData(131050, null)]
    [InlineData(131026, null)]
    [InlineData(130472, null)]
    [InlineData(131047, null)]
    [InlineData(132005, null)]
    public void RetryableByOperatorAfter_says_whether_a_later_retry_makes_sense(int code, int? minutes) =>
        Assert.Equal(minutes is { } m ? TimeSpan.FromMinutes(m) : (TimeSpan?)null, MetaErrorTable.ForFailed(code).RetryableByOperatorAfter);

    [Theory]
    [InlineData(100, 2388293, 400, 2388293)]
    [InlineData(100, 463, 400, 100)]
    [InlineData(100, 9999999, 400, 100)]
    [InlineData(131026, 2388293, 400, 131026)]
    [InlineData(130429, 2494055, 400, 130429)]
    [InlineData(130429, null, 429, 130429)]
    [InlineData(131000, null, 400, 131000)]
    public void ForAnswer_goes_by_code_and_not_by_status(int code, int? subcode, int status, int rule) =>
        Assert.Equal(rule, MetaErrorTable.ForAnswer(code, subcode, status).Code);

    [Theory]
    [InlineData(999999, 400, Fix)]
    [InlineData(999999, 403, Fix)]
    [InlineData(999999, 408, Uncertain)]
    [InlineData(999999, 429, SlowDown)]
    [InlineData(999999, 500, Uncertain)]
    [InlineData(999999, 200, Uncertain)]
    [InlineData(-7, 400, Fix)]
    [InlineData(null, 400, Fix)]
    [InlineData(null, 408, Uncertain)]
    [InlineData(null, 429, SlowDown)]
    [InlineData(null, 503, Uncertain)]
    [InlineData(null, 301, Uncertain)]
    [InlineData(null, 0, Uncertain)]
    public void ForAnswer_with_an_unknown_or_missing_code_goes_by_status(int? code, int status, MetaErrorClass kind) =>
        Assert.Equal(kind, MetaErrorTable.ForAnswer(code, null, status).Class);

    [Fact]
    public void Seven_codes_say_something_about_the_recipient_beyond_the_message() => Assert.Equal(
        [
            (130403, MetaSuppression.UntilUnblocked), (130472, MetaSuppression.ThisCampaign), (130497, MetaSuppression.Country),
            (131026, MetaSuppression.WhenRepeated), (131049, MetaSuppression.MarketingForNow),
            (131050, MetaSuppression.MarketingUntilResumed), (137000, MetaSuppression.UntilVerified),
        ],
        AllRules.Where(rule => rule.Suppression != MetaSuppression.None).Select(rule => (rule.Code, rule.Suppression)));

    [Fact]
    public void Class_names_are_stable_and_read_back()
    {
        string[] names = ["retryLater", "slowDown", "recipientWait", "refuseRecipient", "stopCampaign", "stopAccount", "fix", "uncertain"];
        Assert.Equal(names, Enum.GetValues<MetaErrorClass>().Select(MetaErrorClasses.Name));
        foreach (var name in names)
        {
            Assert.True(MetaErrorClasses.TryParse(name, out var parsed));
            Assert.Equal(name, parsed.Name());
        }

        Assert.False(MetaErrorClasses.TryParse("Fix", out _));
        Assert.False(MetaErrorClasses.TryParse(null, out _));
    }

    private static IEnumerable<MetaErrorRule> AllRules =>
    [
        .. MetaErrorTable.Rules, MetaErrorTable.NoAnswer, MetaErrorTable.NotSent, MetaErrorTable.TooManyRequests,
        MetaErrorTable.Declined, MetaErrorTable.UnknownCode, MetaErrorTable.UnknownFault,
    ];
}
