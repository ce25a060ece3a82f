using System.Globalization;
using Spectre.Console;

namespace OrleansBsp.Load.Reports;

/// <summary>The figures for people, with the aims beside them. It judges nothing: a shared machine is no reason to fail.</summary>
internal static class FigureTable
{
    public static void Print(ScenarioResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(result.Scenario.EscapeMarkup());
        table.AddColumn(new TableColumn(result.Runs.Count == 1 ? "measured" : $"median of {result.Runs.Count}").RightAligned());
        table.AddColumn("unit").AddColumn(new TableColumn("aim").RightAligned());
        foreach (var figure in result.Medians()) table.AddRow(figure.Name, Text(figure.Value), figure.Unit, figure.Aim ?? "");
        foreach (var check in result.Checks()) table.AddRow(check.Name, check.Holds ? "yes" : "NO", check.Detail.EscapeMarkup(), "yes");
        AnsiConsole.Write(table);
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "N0", >= 10 => "N1", _ => "N3" }, CultureInfo.InvariantCulture);
}
