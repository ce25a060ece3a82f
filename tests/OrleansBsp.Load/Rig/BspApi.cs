using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansBsp.Load.Rig;

/// <summary>The product's public API as a client sees it.</summary>
internal sealed class BspApi(Uri address, string apiKey) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 })
    {
        BaseAddress = new Uri(address, "api/v1/"),
        Timeout = TimeSpan.FromMinutes(5),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", apiKey) },
    };

    public Task AddAccountAsync(CancellationToken cancel) =>
        PostAsync("wabas", new { id = World.WabaId, name = "Load", accessToken = World.AccessToken, timeZone = "Asia/Kolkata", currency = "INR" }, cancel);

    /// <summary>Makes a draft and returns its id.</summary>
    /// <param name="maxPerSecond">Null: as fast as its number may.</param>
    public async Task<long> CreateCampaignAsync(string name, string numberId, CancellationToken cancel, int? maxPerSecond = null)
    {
        var request = new
        {
            name, phoneNumberId = numberId, template = new { name = World.TemplateName, language = "en" }, parameters = World.Parameters, defaultCountry = "IN", maxPerSecond,
        };
        var made = await PostAsync("campaigns", request, cancel);
        return long.Parse((string)made["id"]!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Uploads the audience; every row must be accepted.</summary>
    public async Task UploadAsync(long campaign, Stream csv, int rows, CancellationToken cancel)
    {
        using var content = new StreamContent(csv, 1 << 16) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        using var response = await _http.PutAsync($"campaigns/{campaign}/audience?phoneColumn=phone", content, cancel);
        var answer = await ReadAsync(response, cancel);
        if ((int?)answer["accepted"] != rows) throw new InvalidOperationException($"Of {rows} rows only {answer["accepted"]} were accepted.");
    }

    /// <param name="command">launch, pause, resume or cancel.</param>
    public Task CommandAsync(long campaign, string command, CancellationToken cancel) => PostAsync($"campaigns/{campaign}/{command}", new { }, cancel);

    public Task SendSingleAsync(string numberId, string to, CancellationToken cancel) =>
        PostAsync("messages", new { phoneNumberId = numberId, to, type = "template", template = World.Template("Asha", "Algebra") }, cancel);

    public async Task ConfigureNumberAsync(string numberId, object settings, CancellationToken cancel)
    {
        using var response = await _http.PatchAsJsonAsync($"phone-numbers/{numberId}", settings, cancel);
        await ReadAsync(response, cancel);
    }

    /// <summary>How many grains of each kind are in the memory of the silos.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ActivationsAsync(CancellationToken cancel)
    {
        using var response = await _http.GetAsync("cluster", cancel);
        var processes = (await ReadAsync(response, cancel))["processes"]!.AsArray();
        return processes.SelectMany(process => process!["activations"]!.AsObject()).GroupBy(kind => kind.Key).ToDictionary(kind => kind.Key, kind => kind.Sum(one => (int)one.Value!));
    }

    /// <summary>A GET as somebody who watches makes it.</summary>
    /// <param name="path">From the address on, with its slash.</param>
    public async Task<(double Milliseconds, string Text)> LookAsync(string path, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await _http.GetAsync(new Uri(address, path), cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        return response.IsSuccessStatusCode
            ? (Stopwatch.GetElapsedTime(started).TotalMilliseconds, text)
            : throw new InvalidOperationException($"GET {path} answered {(int)response.StatusCode}: {text}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject> PostAsync(string path, object body, CancellationToken cancel)
    {
        using var response = await _http.PostAsJsonAsync(path, body, cancel);
        return await ReadAsync(response, cancel);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var text = await response.Content.ReadAsStringAsync(cancel);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} answered {(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonObject>(text)!;
    }
}
