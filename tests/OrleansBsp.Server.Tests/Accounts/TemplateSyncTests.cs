using System.Net;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Http;

namespace OrleansBsp.Server.Tests.Accounts;

public sealed class TemplateSyncTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    public async Task Without_an_account_all_are_fetched(string? body)
    {
        await using var server = await TestServer.StartAsync(withAccount: false);
        using var client = await server.AdminAsync();

        var answer = await client.AskAsync("POST /api/v1/templates/sync", body).ExpectAsync(HttpStatusCode.OK);
        Assert.Equal("""{"wabas":[]}""", await answer.Content.ReadAsStringAsync());
    }
}
