using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansBsp.Load.Rig;

/// <summary>One accepted message of the simulator's ledger, as far as we look at it.</summary>
/// <param name="To">Digits.</param>
/// <param name="ArrivalUnixMicros">When the POST reached the simulator; compare with <see cref="WallClock"/>.</param>
internal sealed record Arrival(string PhoneNumberId, string To, string? Token, string Wamid, long ArrivalUnixMicros);

/// <summary>The simulator's control API.</summary>
internal sealed class SimulatorControl(Uri address) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly HttpClient _http = new() { BaseAddress = new Uri(address, "control/"), Timeout = TimeSpan.FromMinutes(5) };

    public async Task PostAsync(string path, object body, CancellationToken cancel)
    {
        using var response = await _http.PostAsJsonAsync(path, body, cancel);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"The simulator answered {(int)response.StatusCode} to {path}: {await response.Content.ReadAsStringAsync(cancel)}");
    }

    /// <summary>Empties the ledger, so that what it holds belongs to the next measurement.</summary>
    public Task ResetAsync(CancellationToken cancel) => PostAsync("reset", new { }, cancel);

    public async Task<JsonObject> SummaryAsync(CancellationToken cancel) => (await _http.GetFromJsonAsync<JsonObject>("ledger/summary", cancel))!;

    /// <summary>True: every status is acknowledged, also those whose time had not come.</summary>
    public async Task<bool> WaitIdleAsync(TimeSpan limit, CancellationToken cancel) =>
        (bool)(await _http.GetFromJsonAsync<JsonObject>($"idle?timeoutMs={limit.TotalMilliseconds:0}", cancel))!["idle"]!;

    /// <summary>Accepted messages in the order of acceptance, from the first.</summary>
    public async Task<List<Arrival>> ArrivalsAsync(CancellationToken cancel, int limit = int.MaxValue)
    {
        await using var stream = await _http.GetStreamAsync($"ledger?limit={limit}", cancel);
        using var reader = new StreamReader(stream);
        var arrivals = new List<Arrival>();
        while (await reader.ReadLineAsync(cancel) is { } line) arrivals.Add(JsonSerializer.Deserialize<Arrival>(line, Json)!);
        return arrivals;
    }

    public void Dispose() => _http.Dispose();
}
