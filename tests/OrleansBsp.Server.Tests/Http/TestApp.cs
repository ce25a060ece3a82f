using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBsp.Server.Access;
using OrleansBsp.Server.Http;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Http;

/// <summary>The manner of the interface around a few endpoints of the test, on a real port and a real database.</summary>
public sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly bool _ownsFolder;

    private TestApp(WebApplication app, Database database, string dataFolder, bool ownsFolder, FirstCredentials credentials)
    {
        (_app, Database, DataFolder, _ownsFolder, Credentials) = (app, database, dataFolder, ownsFolder, credentials);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Anonymous = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
        Admin = ClientWith(credentials.ApiKey);
    }

    public Uri Address { get; }

    public Database Database { get; }

    public string DataFolder { get; }

    public FirstCredentials Credentials { get; }

    public IServiceProvider Services => _app.Services;

    public HttpClient Anonymous { get; }

    public HttpClient Admin { get; }

    public static async Task<TestApp> StartAsync(Action<WebApplication>? map = null, string? connectionString = null, string? dataFolder = null, TimeProvider? time = null)
    {
        connectionString ??= await PostgresServer.CreateDatabaseAsync();
        var ownsFolder = dataFolder is null;
        dataFolder ??= Directory.CreateTempSubdirectory("bsp-http-").FullName;
        var database = new Database(connectionString, new DatabaseOptions());
        var credentials = await FirstCredentials.EnsureAsync(database, dataFolder, CancellationToken.None);

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(database);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddHttpManner();
        builder.Services.AddSingleton(TokenCipher.FromFile(Path.Combine(dataFolder, "token.key")));
        builder.Services.AddAccess();
        var app = builder.Build();
        app.UseHttpManner();
        app.MapOpenApiDocument();
        app.MapAccess();
        map?.Invoke(app);
        await app.StartAsync();
        return new TestApp(app, database, dataFolder, ownsFolder, credentials);
    }

    public HttpClient ClientWith(string apiKey)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        return client;
    }

    public async Task<HttpClient> ClientWithScopesAsync(params string[] scopes) =>
        ClientWith((await Services.GetRequiredService<ApiKeyStore>().AddAsync("test", scopes, CancellationToken.None)).Key);

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Admin.Dispose();
        await _app.DisposeAsync();
        await Database.DisposeAsync();
        if (_ownsFolder) Directory.Delete(DataFolder, recursive: true);
    }
}

internal static class Requests
{
    /// <summary>A request from its first line, and maybe a JSON body and headers (<c>Name: value</c>).</summary>
    public static HttpRequestMessage Make(string line, string? json = null, params string[] headers)
    {
        var parts = line.Split(' ', 2);
        var request = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        foreach (var header in headers)
        {
            var named = header.Split(": ", 2);
            if (named[0] == "Content-Type") request.Content!.Headers.ContentType = named[1] == "" ? null : MediaTypeHeaderValue.Parse(named[1]);
            else request.Headers.TryAddWithoutValidation(named[0], named[1]);
        }

        return request;
    }

    public static Task<HttpResponseMessage> AskAsync(this HttpClient client, string line, string? json = null, params string[] headers) =>
        client.SendAsync(Make(line, json, headers));

    /// <summary>The problem in an answer as JSON, its trace id checked and taken out.</summary>
    public static async Task<JsonObject> ProblemAsync(this HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{answer.StatusCode} {answer.Content.Headers.ContentType}: {text}");
        var problem = JsonNode.Parse(text)!.AsObject();
        Assert.NotEmpty((string)problem["traceId"]!);
        problem.Remove("traceId");
        Assert.Equal((int)answer.StatusCode, (int)problem["status"]!);
        return problem;
    }

    public static async Task<HttpResponseMessage> ExpectAsync(this Task<HttpResponseMessage> asked, HttpStatusCode status)
    {
        var answer = await asked;
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return answer;
    }
}
