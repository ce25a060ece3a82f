using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Cluster;

/// <summary>The whole server in this process, put together as the program does: Kestrel and a silo on free ports, a real database.</summary>
public sealed class TestServer : IAsyncDisposable
{
    public const string AppSecret = "test-app-secret";
    public const string VerifyToken = "test-verify-token";

    private readonly WebApplication _app;
    private readonly Start _start;
    private readonly string _ownFolder;

    private TestServer(WebApplication app, Start start, string connectionString, string dataFolder, string ownFolder)
    {
        (_app, _start, ConnectionString, DataFolder, _ownFolder) = (app, start, connectionString, dataFolder, ownFolder);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }

    public string ConnectionString { get; }

    public string DataFolder { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="dataFolder">Shared by silos of one installation: it holds the key of the access tokens.</param>
    /// <param name="settings">Beside those that every test server has.</param>
    public static async Task<TestServer> StartAsync(
        string? connectionString = null, string? dataFolder = null, bool withAccount = true, params (string Key, string Value)[] settings)
    {
        connectionString ??= await PostgresServer.CreateDatabaseAsync();
        var ownFolder = dataFolder is null ? Directory.CreateTempSubdirectory("bsp-server-").FullName : "";
        dataFolder ??= ownFolder;
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = connectionString,
            ["Meta:AppSecret"] = AppSecret, ["Meta:VerifyToken"] = VerifyToken, ["Meta:GraphBaseUrl"] = "http://127.0.0.1:9/v26.0/",
            ["Cluster:SiloPort"] = "0", ["Cluster:GatewayPort"] = "0",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();

        var start = await Start.PrepareAsync(builder.Configuration, dataFolder, CancellationToken.None);
        var app = builder.BuildServer(start, dataFolder);
        if (withAccount) await SampleAccount.AddAsync(start.Database, app.Services.GetRequiredService<TokenCipher>());
        await app.StartAsync();
        return new TestServer(app, start, connectionString, dataFolder, ownFolder);
    }

    /// <summary>A client with the key of the first start.</summary>
    public async Task<HttpClient> AdminAsync()
    {
        var credentials = await FirstCredentials.EnsureAsync(_start.Database, DataFolder, CancellationToken.None);
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.ApiKey);
        return client;
    }

    /// <summary>Posts a webhook; signed as Meta does unless told otherwise.</summary>
    /// <param name="signature">The whole header; null: none.</param>
    public async Task<HttpResponseMessage> PostAsync(HttpContent content, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/meta") { Content = content };
        if (signature is not null) request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", signature);
        return await Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(byte[] body) => PostAsync(new ByteArrayContent(body), Sign(body));

    public async Task AcknowledgedAsync(byte[] body)
    {
        using var answer = await PostAsync(body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    public Task AcknowledgedAsync(string body) => AcknowledgedAsync(Encoding.UTF8.GetBytes(body));

    public static string Sign(byte[] body, string secret = AppSecret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    /// <summary>Every shard of the inbox has been applied to its end.</summary>
    public Task InboxAppliedAsync() => Eventually.SeesAsync(
        () => ReadAsync<string>("""select coalesce(string_agg(h.shard || ': ' || c."offset" || ' of ' || h.last_offset, ', '), '') from inbox_head h join inbox_cursor c using (shard) where c."offset" <> h.last_offset"""),
        waiting => waiting == "", "the inbox is applied");

    public Task<T> ReadAsync<T>(string sql, object? arguments = null) => TestDatabase.ReadAsync<T>(ConnectionString, sql, arguments);

    public Task<List<T>> ListAsync<T>(string sql, object? arguments = null) => TestDatabase.ListAsync<T>(ConnectionString, sql, arguments);

    /// <summary>For tests that share a server: nothing is in the inbox, no problem is shown, and the account is as it was.</summary>
    public async Task RestoreAsync()
    {
        await InboxAppliedAsync();
        await ListAsync<int>("delete from inbox; delete from webhook_problem; select 1");
        await SampleAccount.AddAsync(_start.Database, Services.GetRequiredService<TokenCipher>());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _start.DisposeAsync();
        Npgsql.NpgsqlConnection.ClearAllPools(); // Orleans' connections to this database stay for minutes otherwise, and all tests share one server's 200
        if (_ownFolder.Length > 0) Directory.Delete(_ownFolder, recursive: true);
    }
}

/// <summary>One server for the tests of a class, which leave it as they found it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    public TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
