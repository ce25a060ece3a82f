using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansBsp.Server.Tests.Telemetry;

/// <summary>One answer of <c>GET /metrics</c>, read as a scraper reads it.</summary>
internal sealed partial class Metrics
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    public Metrics(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var match = Sample().Match(line);
            Assert.True(match.Success, $"Not a sample: {line}");
            var labels = Label().Matches(match.Groups[2].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value);
            _samples.Add((match.Groups[1].Value, labels, double.Parse(match.Groups[3].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)));
        }
    }

    public string Text { get; }

    public IEnumerable<string> Names => _samples.Select(sample => sample.Name).Distinct();

    /// <summary>The sum over all samples of the name that have these labels; null if there is none.</summary>
    public double? Find(string name, params (string Name, string Value)[] labels)
    {
        var found = _samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).ToList();
        return found.Count == 0 ? null : found.Sum(sample => sample.Value);
    }

    public bool HasLabel(string name, string label) => _samples.Any(sample => sample.Name == name && sample.Labels.ContainsKey(label));

    public double Value(string name, params (string Name, string Value)[] labels) =>
        Find(name, labels) ?? throw new Xunit.Sdk.XunitException($"There is no {name} with {string.Join(", ", labels)} in:\n{Text}");

    public override string ToString() => string.Join('\n', Text.Split('\n').Where(line => line.StartsWith("bsp_", StringComparison.Ordinal) && !line.Contains("_bucket", StringComparison.Ordinal)));

    [GeneratedRegex("""^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)( \d+)?$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""(\w+)="((?:[^"\\]|\\.)*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Label();
}
