using Microsoft.Extensions.Configuration;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Tests.Cluster;

public class RolesTests
{
    [Theory]
    [InlineData(null, Roles.All)]
    [InlineData("", Roles.All)]
    [InlineData("dispatch", Roles.Dispatch)]
    [InlineData("api,webhooks", Roles.Api | Roles.Webhooks)]
    [InlineData(" Api , WEBHOOKS,", Roles.Api | Roles.Webhooks)]
    public void Names_in_any_case_and_with_spaces(string? setting, Roles expected) => Assert.Equal(expected, RolesSetting.Read(With(setting)));

    [Fact]
    public void An_unknown_name_is_refused_with_those_that_there_are()
    {
        var refusal = Assert.Throws<SettingsException>(() => RolesSetting.Read(With("api,dispatcher")));
        Assert.Equal("Roles: there is no role 'dispatcher'. There are api, webhooks, dispatch, connectors; leave Roles out for all of them.", refusal.Message);
    }

    private static IConfiguration With(string? roles) => new ConfigurationBuilder().AddInMemoryCollection([new("Roles", roles)]).Build();
}
