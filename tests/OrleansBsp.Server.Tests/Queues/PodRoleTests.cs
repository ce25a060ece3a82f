using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Scenarios;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Queues;

/// <summary>
/// On EKS a pod has no keys: it has a file with a token of its service account, which Amazon's STS changes into the role's credentials. The client can only do that
/// with the package AWSSDK.SecurityToken beside it, which nothing in our code names: without it the server builds, starts, and reaches no queue.
/// </summary>
public sealed class PodRoleTests(SharedSqsServer shared) : IClassFixture<SharedSqsServer>
{
    private const string Role = "arn:aws:iam::111122223333:role/bsp-webhooks";

    [Fact]
    public async Task A_pod_s_token_becomes_the_role_s_credentials_and_the_queue_is_reached()
    {
        var folder = Directory.CreateTempSubdirectory("bsp-role-").FullName;
        var token = Path.Combine(folder, "token");
        await File.WriteAllTextAsync(token, "the.pod.token");
        await using var sts = await Sts.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["Ingest__Kind"] = "Sqs", ["Queue__Sqs__ServiceUrl"] = shared.Server.Url.ToString(), ["Queue__Sqs__Prefix"] = $"role-{Guid.NewGuid():N}", ["Queue__Sqs__ReceiveWaitSeconds"] = "0",
            ["Meta__AppSecret"] = TestServer.AppSecret,
            // What EKS puts into a pod whose service account names a role; the last is for this test.
            ["AWS_ROLE_ARN"] = Role, ["AWS_WEB_IDENTITY_TOKEN_FILE"] = token, ["AWS_REGION"] = "ap-south-1", ["AWS_STS_REGIONAL_ENDPOINTS"] = "regional",
            ["AWS_ENDPOINT_URL_STS"] = sts.Url,
        };
        await using (var server = await ServerProcess.StartAsync(Path.Combine(folder, "data"), await PostgresServer.CreateDatabaseAsync(), settings)) await AcknowledgesAsync(server);
        Assert.Contains(sts.Asked, form => form is { Action: "AssumeRoleWithWebIdentity", RoleArn: Role, Token: "the.pod.token" });
        Directory.Delete(folder, recursive: true);
    }

    private static async Task AcknowledgesAsync(ServerProcess server)
    {
        var body = "{}"u8.ToArray();
        using var http = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, "webhooks/meta") { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-Hub-Signature-256", TestServer.Sign(body));
        using var answer = await http.SendAsync(request);

        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {string.Join('\n', server.Log.TakeLast(20))}");
    }

    /// <summary>The one answer of STS that matters here.</summary>
    private sealed class Sts(WebApplication app, List<Sts.Question> asked) : IAsyncDisposable
    {
        public string Url => app.Urls.Single();

        public IReadOnlyList<Question> Asked
        {
            get { lock (asked) return [.. asked]; }
        }

        public static async Task<Sts> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var asked = new List<Question>();
            app.Run(async context =>
            {
                var form = await context.Request.ReadFormAsync();
                lock (asked) asked.Add(new Question(form["Action"].ToString(), form["RoleArn"].ToString(), form["WebIdentityToken"].ToString()));
                context.Response.ContentType = "text/xml";
                await context.Response.WriteAsync($"""
                    <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
                    <Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>{DateTime.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>
                    <AssumedRoleUser><Arn>{Role}/session</Arn><AssumedRoleId>AROA:session</AssumedRoleId></AssumedRoleUser>
                    </AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>
                    """);
            });
            await app.StartAsync();
            return new Sts(app, asked);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        internal sealed record Question(string Action, string RoleArn, string Token);
    }
}
