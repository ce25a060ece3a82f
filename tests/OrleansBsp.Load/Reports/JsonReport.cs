using System.Text.Json;

namespace OrleansBsp.Load.Reports;

/// <summary>Everything as JSON: each run, and the medians that the table shows.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Task WriteAsync(string file, Machine machine, IReadOnlyList<ScenarioResult> results, CancellationToken cancel) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            machine,
            scenarios = results.Select(result => new { result.Scenario, result.Variant, medians = result.Medians(), checks = result.Checks(), result.Runs }),
        }, Json), cancel);
}
