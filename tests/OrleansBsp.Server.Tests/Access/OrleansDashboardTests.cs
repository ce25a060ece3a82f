using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Tests.Cluster;

namespace OrleansBsp.Server.Tests.Access;

/// <summary>Orleans' own dashboard shows the keys of grains, with people's numbers in them: it is for admins only, all of it.</summary>
public sealed class OrleansDashboardTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(withAccount: false, settings: [("Cluster:OrleansDashboard", "true")]);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Only_the_scope_admin_opens_it()
    {
        foreach (var (scope, refused) in ((string?, HttpStatusCode?)[])[(null, HttpStatusCode.Unauthorized), ("read", HttpStatusCode.Forbidden), ("send", HttpStatusCode.Forbidden), ("admin", null)])
        {
            using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _server.Address }; // a redirection leaves the key behind
            if (scope is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await Keys.AddAsync("test", [scope], CancellationToken.None)).Key);
            foreach (var path in (string[])["ops/orleans", "ops/orleans/", "ops/orleans/DashboardCounters", "ops/orleans/ClusterStats"])
            {
                using var answer = await client.GetAsync(path);
                Assert.Equal((scope, path, refused), (scope, path, (int)answer.StatusCode < 400 ? null : answer.StatusCode));
            }
        }
    }

    private ApiKeyStore Keys => _server.Services.GetRequiredService<ApiKeyStore>();
}
