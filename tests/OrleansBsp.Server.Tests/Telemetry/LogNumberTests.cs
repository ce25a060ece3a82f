using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Tests.Telemetry;

/// <summary>An operator looks a log line up by its number.</summary>
public sealed partial class LogNumberTests
{
    private static readonly List<(int Number, MethodInfo Line)> Lines =
    [
        .. typeof(Instruments).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId ?? -1, method)).Where(one => one.Item1 != -1),
    ];

    [Fact]
    public void Every_line_has_a_number_of_its_own()
    {
        Assert.True(Lines.Count > 50, $"{Lines.Count} lines");
        Assert.Empty(Lines.GroupBy(one => one.Number).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(one => $"{one.Line.DeclaringType!.Name}.{one.Line.Name}"))}"));
    }

    [Fact]
    public void The_numbers_that_the_document_names_are_those_of_lines()
    {
        var document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/operations.md"));
        var named = Mention().Matches(document).SelectMany(mention => Number().Matches(mention.Value)).Select(number => int.Parse(number.ValueSpan)).ToList();
        Assert.True(named.Count >= 5, $"{named.Count} numbers");
        Assert.Subset(Lines.Select(one => one.Number).ToHashSet(), named.ToHashSet());
    }

    // "log 1202, 3004 or 5204", "line 1001"
    [GeneratedRegex(@"\b(?:log|line) \d{4}(?:(?:,| or) \d{4})*")]
    private static partial Regex Mention();

    [GeneratedRegex(@"\d{4}")]
    private static partial Regex Number();
}
