using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansBsp.Testing;

/// <summary>The HTTP interface as a client's programmer would write it down, from the contract.</summary>
public sealed class ApiClient : IDisposable
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http;

    /// <param name="dataFolder">Where the server has left its first API key.</param>
    public ApiClient(Uri server, string dataFolder)
    {
        _http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(60) };
        var credentials = JsonNode.Parse(File.ReadAllText(Path.Combine(dataFolder, "credentials.json")))!;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string?)credentials["apiKey"]);
    }

    public HttpClient Http => _http;

    public Task<JsonNode> AddWabaAsync(string id, string accessToken) =>
        PostAsync<JsonNode>("wabas", new { id, name = "Example Retail", accessToken, timeZone = "Asia/Kolkata", currency = "INR" });

    public Task<NumberView> ConfigureNumberAsync(string id, object settings) => SendAsync<NumberView>(HttpMethod.Patch, $"phone-numbers/{id}", settings);

    public Task<NumberView> NumberAsync(string id) => GetAsync<NumberView>($"phone-numbers/{id}");

    public Task<CampaignView> CreateCampaignAsync(object campaign) => PostAsync<CampaignView>("campaigns", campaign);

    public async Task<JsonNode> UploadAsync(string campaign, string csv)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        return await ReadAsync<JsonNode>(await _http.PutAsync($"api/v1/campaigns/{campaign}/audience?phoneColumn=phone", content));
    }

    public Task<CampaignView> CampaignAsync(string id) => GetAsync<CampaignView>($"campaigns/{id}");

    public Task<CampaignView> LaunchAsync(string id, object? when = null) => PostAsync<CampaignView>($"campaigns/{id}/launch", when);

    /// <param name="command">pause, resume, cancel.</param>
    public Task<CampaignView> CommandAsync(string id, string command) => PostAsync<CampaignView>($"campaigns/{id}/{command}", null);

    public Task<RecipientDetail> RecipientAsync(string campaign, int position) => GetAsync<RecipientDetail>($"campaigns/{campaign}/recipients/{position}");

    public async Task<string> SendMessageAsync(object message, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/messages") { Content = JsonContent.Create(message, options: Json) };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        return (string)(await ReadAsync<JsonNode>(await _http.SendAsync(request)))["id"]!;
    }

    public Task<MessageView> MessageAsync(string id) => GetAsync<MessageView>($"messages/{id}");

    public Task<T> GetAsync<T>(string path) => SendAsync<T>(HttpMethod.Get, path, null);

    public Task<T> PostAsync<T>(string path, object? body) => SendAsync<T>(HttpMethod.Post, path, body);

    /// <summary>Calls something that must be refused, and returns the problem.</summary>
    public async Task<ApiProblem> RefusedAsync(HttpMethod method, string path, object? body = null)
    {
        var refusal = await Assert.ThrowsAsync<ApiRefusedException>(() => SendAsync<JsonNode>(method, path, body));
        return refusal.Problem;
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, $"api/v1/{path}");
        if (body is not null) request.Content = JsonContent.Create(body, options: Json);
        return await ReadAsync<T>(await _http.SendAsync(request));
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer)
    {
        using (answer)
        {
            if (answer.IsSuccessStatusCode) return (await answer.Content.ReadFromJsonAsync<T>(Json))!;
            var text = await answer.Content.ReadAsStringAsync();
            throw new ApiRefusedException(text.StartsWith('{')
                ? JsonSerializer.Deserialize<ApiProblem>(text, Json)!
                : new ApiProblem("", "", (int)answer.StatusCode, text, null));
        }
    }
}

/// <summary>The server said no.</summary>
public sealed class ApiRefusedException(ApiProblem problem) : Exception($"{problem.Status} {problem.Title}: {problem.Detail}")
{
    public ApiProblem Problem => problem;
}

public sealed record ApiProblem(string Type, string Title, int Status, string Detail, ApiError[]? Errors);

public sealed record ApiError(string? Pointer, string Code, string Message);

public sealed record BooksView(
    int Planned, int NotReleased, int InFlight, int Retrying, int Accepted, int AcceptedOnly, int Sent, int Delivered, int Read, int Failed,
    int Refused, int Skipped, int Expired, int Cancelled, int Held, int Uncertain, int Unknown)
{
    /// <summary>Both equations of the contract.</summary>
    public bool Balance =>
        Planned == NotReleased + InFlight + Retrying + Accepted + Refused + Skipped + Expired + Cancelled + Uncertain + Unknown
        && Accepted == Sent + Delivered + Read + Failed + Held + AcceptedOnly;
}

public sealed record CampaignView(
    string Id, string State, string? StateReason, BooksView Books, int SendingPerSecond, string? LimitedBy, int InFlight, string? Silo,
    DateTime? StartAt, DateTime? LaunchedAt, DateTime? StartedAt, DateTime? EndedAt);

public sealed record NumberView(string Id, int Throughput, int? MaxPerSecond, string State, string? StateReason, int SendingPerSecond, string? LimitedBy);

public sealed record RecipientView(int Position, string Phone, string State, int Attempt, int? ErrorCode, string? Reason, string? Advice);

public sealed record TimelineEntry(DateTime At, string What, int? Attempt, int? ErrorCode, string? Detail);

public sealed record RecipientDetail(RecipientView Recipient, string? Wamid, TimelineEntry[] Timeline);

public sealed record MessageMoment(string What, DateTime At);

public sealed record MessageView(string Id, string Type, string? State, int Attempt, string? Wamid, int? ErrorCode, string? Reason, string? Advice, MessageMoment[] Timeline);
