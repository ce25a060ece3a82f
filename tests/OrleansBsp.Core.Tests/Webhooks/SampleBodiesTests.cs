using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

/// <summary>What each sample body yields; written from the reference's list of them (appendix A).</summary>
public class SampleBodiesTests
{
    /// <summary>First number, last number, what: one letter per element in the order of <see cref="Yield"/>.</summary>
    private static readonly (int First, int Last, string Yield)[] Expected =
    [
        (1, 32, "I"), (33, 33, "III"), (34, 34, "X"), (35, 35, "I"), (40, 60, "S"), (61, 61, "SSSSSS"), (62, 62, "SIT"),
        (63, 63, "S"), (64, 64, "U"), (70, 81, "T"), (82, 85, "N"), (86, 97, "A"), (98, 100, "P"), (101, 101, "E"),
        (102, 103, "O"), (104, 104, "N"), (105, 105, "O"), (106, 106, "IO"), (107, 107, "O"),
    ];

    public static TheoryData<string> Names => [.. WebhookBodies.Names];

    [Fact]
    public void All_98_bodies_are_here() => Assert.Equal(98, WebhookBodies.Names.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_body_yields_its_elements_and_nothing_else(string name)
    {
        var number = int.Parse(name[..3]);
        var expected = Expected.Single(range => range.First <= number && number <= range.Last).Yield;

        Assert.Equal(expected, Yield(WebhookReader.Read(WebhookBodies.Bytes(name))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_wire_form_with_escapes_says_the_same(string name)
    {
        var plain = WebhookReader.Read(WebhookBodies.Bytes(name));
        var wire = WebhookReader.Read(WebhookBodies.OnTheWire(name));

        Assert.Equal(Yield(plain), Yield(wire));
        Assert.Equal(plain.Statuses, wire.Statuses);
        Assert.Equal(plain.Preferences, wire.Preferences);
        Assert.Equal(plain.Actions, wire.Actions);
        Assert.Equal(plain.Errors, wire.Errors);
        Assert.Equal(plain.Numbers, wire.Numbers);
        Assert.Equal(plain.Inbound.Select(WithoutRaw), wire.Inbound.Select(WithoutRaw));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_body_names_its_account_and_its_moment(string name)
    {
        var content = WebhookReader.Read(WebhookBodies.Bytes(name));

        Assert.All(content.Statuses, status => Assert.NotNull(status.At));
        Assert.All(content.Statuses, status => Assert.Equal("118233907745512", status.PhoneNumberId));
        Assert.All(content.Inbound, message => Assert.NotNull(message.At));
        Assert.All(content.Inbound, message => Assert.StartsWith("1182339077", message.PhoneNumberId, StringComparison.Ordinal));
        Assert.All(content.Templates, template => Assert.NotNull(template.At));
        Assert.All(content.Templates, template => Assert.DoesNotContain('-', template.Language!));
        string?[] accounts =
        [
            .. content.Statuses.Select(x => x.WabaId), .. content.Inbound.Select(x => x.WabaId), .. content.Templates.Select(x => x.WabaId),
            .. content.Accounts.Select(x => x.WabaId), .. content.Numbers.Select(x => x.WabaId), .. content.Preferences.Select(x => x.WabaId),
        ];
        Assert.All(accounts, account => Assert.StartsWith("1048293667", account, StringComparison.Ordinal));
    }

    private static InboundMessage WithoutRaw(InboundMessage message) => message with { Raw = "" };

    private static string Yield(WebhookContent content) => string.Concat(
        new string('S', content.Statuses.Count),
        new string('I', content.Inbound.Count),
        new string('T', content.Templates.Count),
        new string('N', content.Numbers.Count),
        new string('A', content.Accounts.Count),
        new string('P', content.Preferences.Count),
        new string('E', content.Echoes.Count),
        new string('U', content.Actions.Count),
        new string('X', content.Errors.Count),
        new string('O', content.Others.Count),
        new string('?', content.NotUnderstood.Count));
}
