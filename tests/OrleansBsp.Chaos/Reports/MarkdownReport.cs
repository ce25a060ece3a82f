using System.Reflection;
using System.Text;
using OrleansBsp.Chaos.Plans;
using OrleansBsp.Load.Reports;

namespace OrleansBsp.Chaos.Reports;

/// <summary>What happened, for people: how to read it, then every fault, totals and what broke.</summary>
internal static class MarkdownReport
{
    public static string Write(ChaosOptions options, ChaosRun run, Machine machine)
    {
        var text = new StringBuilder(Preface()).Append('\n');
        Head(text, options, run, machine);
        Faults(text, run);
        Rounds(text, run.Rounds);
        Findings(text, run);
        return text.ToString();
    }

    public static string Preface()
    {
        using var stream = typeof(MarkdownReport).Assembly.GetManifestResourceStream("Preface.md")!;
        return new StreamReader(stream).ReadToEnd();
    }

    private static void Head(StringBuilder text, ChaosOptions options, ChaosRun run, Machine machine)
    {
        var only = options.Only.Count == 0 ? "" : $" --only {string.Join(',', options.Only)}";
        var dispatch = options.Dispatches.Count > 1 ? "both" : options.Dispatches[0].ToString().ToLowerInvariant();
        Line(text, $"## Report of {run.Began:yyyy-MM-dd}");
        Line(text, $"\n`./bsp chaos --minutes {options.Minutes} --seed {options.Seed} --silos {options.Silos} --dispatch {dispatch}{only}`");
        Line(text, $"\nVersion {Version}. {machine}.\n");
        Line(text, $"**{Verdict(run)}** {run.Rounds.Sum(round => round.Strikes.Count)} faults in {run.Rounds.Count} rounds, {Minutes(run.Took)}; {Sum(run, round => round.Campaigns)} campaigns, "
            + $"{Sum(run, round => round.Planned):N0} people, {Sum(run, round => round.Accepted):N0} messages accepted by Meta, {Sum(run, round => round.Unknown):N0} unknown; {Sum(run, round => round.Singles):N0} people wrote and got a message of their own, {Sum(run, round => round.UnknownSingles):N0} unknown.\n");
    }

    // With the commit: whoever reads it sees what has changed since.
    private static string Version => typeof(MarkdownReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static string Verdict(ChaosRun run) => (run.Rounds.Sum(round => round.Broken.Count), run.Rounds.Count(round => round.TooFast.Count > 0)) switch
    {
        (0, 0) => "Everything held.",
        (0, var rounds) => $"Every message is accounted for; in {rounds} rounds a number was faster than its limit.",
        _ => "BROKEN: see the findings.",
    };

    private static void Faults(StringBuilder text, ChaosRun run)
    {
        Line(text, $"### Faults\n\n| round | at | fault | lasted | longest gap | sending again after | unknown | result |\n|---|---|---|---|---|---|---|---|");
        foreach (var round in run.Rounds)
            foreach (var strike in round.Strikes)
            {
                var seen = string.Concat(strike.Seen.Select(what => $"{what}; "));
                Line(text, $"| {round.Dispatch.ToString().ToLowerInvariant()} {round.Number} | {Minutes(strike.Began - run.Began)} | {strike.Step.Fault.What} | {Seconds(strike.Mended - strike.Began)} | "
                    + $"{Seconds(strike.LongestGap.Length)} | {Seconds(strike.SendingAgainAfter)} | {strike.Unknown} | {seen}{(round.Broken.Count == 0 ? "held" : "round **broken**")} |");
            }
    }

    private static void Rounds(StringBuilder text, List<RoundResult> rounds)
    {
        Line(text, $"\n### Rounds\n\n| round | campaigns | people | accepted | unknown | most in a second | not accepted, by Meta's code | counted in |\n|---|---|---|---|---|---|---|---|");
        foreach (var round in rounds)
        {
            var most = string.Join(", ", round.MostPerSecond.Select(pace => $"{pace.Value} of {CampaignStream.Limits[pace.Key]}"));
            var refused = string.Join(", ", round.Refused.Select(code => $"{code.Key}: {code.Value}"));
            Line(text, $"| {round.Dispatch.ToString().ToLowerInvariant()} {round.Number} | {round.Campaigns} | {round.Planned} | {round.Accepted} | {round.Unknown} | {most} | {refused} | {Seconds(round.Settled)} |");
        }
    }

    private static void Findings(StringBuilder text, ChaosRun run)
    {
        Line(text, $"\n### Findings\n");
        var broken = run.Rounds.SelectMany(round => round.Broken.Concat(round.TooFast).Select(what => $"- **Round {round.Number} ({round.Dispatch.ToString().ToLowerInvariant()})**: {what}")).ToList();
        Line(text, broken.Count == 0 ? "Nothing broke." : string.Join('\n', broken));
        var slow = run.Rounds.SelectMany(round => round.Strikes).MaxBy(strike => strike.SendingAgainAfter);
        if (slow is not null) Line(text, $"\nLongest until every campaign sent again: {Seconds(slow.SendingAgainAfter)} after this had ended: {slow.Step.Fault.What}.");
    }

    private static int Sum(ChaosRun run, Func<RoundResult, int> of) => run.Rounds.Sum(of);

    private static string Minutes(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00} min";

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.0} s";

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
