using System.Globalization;
using Spectre.Console;

namespace OrleansBsp.Load.Reports;

/// <summary>The figures for people, with the aims beside them. It judges nothing: a shared machine is no reason to fail.</summary>
internal static class FigureTable
{
    /// <param name="variants">Of one scenario, with the same figures; one column for each.</param>
    public static void Print(IReadOnlyList<ScenarioResult> variants)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160; // a file has no width of its own, and lines that are broken help nobody
        if (variants is [var alone]) PrintAlone(alone);
        else PrintBeside(variants);
    }

    private static void PrintAlone(ScenarioResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(result.Scenario.EscapeMarkup());
        table.AddColumn(new TableColumn(result.Runs.Count == 1 ? "measured" : $"median of {result.Runs.Count}").RightAligned());
        table.AddColumn("unit").AddColumn(new TableColumn("aim").RightAligned());
        foreach (var figure in result.Medians()) table.AddRow(figure.Name, Text(figure.Value), figure.Unit, figure.Aim ?? "");
        foreach (var check in result.Checks()) table.AddRow(check.Name, check.Holds ? "yes" : "NO", check.Detail.EscapeMarkup(), "yes");
        AnsiConsole.Write(table);
    }

    private static void PrintBeside(IReadOnlyList<ScenarioResult> variants)
    {
        var runs = variants[0].Runs.Count;
        var table = new Table().Border(TableBorder.Simple).AddColumn($"{variants[0].Scenario}{(runs == 1 ? "" : $", medians of {runs}")}".EscapeMarkup());
        foreach (var variant in variants) table.AddColumn(new TableColumn(variant.Variant.EscapeMarkup()).RightAligned());
        table.AddColumn("unit");
        // By name: a party that only some of them have is left empty in the others.
        var figures = variants.Select(variant => variant.Medians().ToDictionary(figure => figure.Name)).ToList();
        foreach (var figure in variants.SelectMany(variant => variant.Medians()).DistinctBy(figure => figure.Name))
        {
            // What never happens in any of them is no row.
            if (figures.All(one => !one.TryGetValue(figure.Name, out var value) || value.Value == 0)) continue;
            table.AddRow([figure.Name, .. figures.Select(one => one.TryGetValue(figure.Name, out var value) ? Text(value.Value) : ""), figure.Unit]);
        }

        var checks = variants.Select(variant => variant.Checks().ToList()).ToList();
        for (var i = 0; i < checks[0].Count; i++) table.AddRow([checks[0][i].Name, .. checks.Select(one => one[i].Holds ? "yes" : "NO"), ""]);
        AnsiConsole.Write(table);
        foreach (var (variant, check) in variants.SelectMany(variant => variant.Checks().Where(check => !check.Holds).Select(check => (variant, check))))
            AnsiConsole.WriteLine($"{variant.Variant}: {check.Name}: {check.Detail}");
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "N0", >= 10 => "N1", _ => "N3" }, CultureInfo.InvariantCulture);
}
