using Microsoft.Extensions.Logging.Console;

namespace OrleansBsp.Server.Telemetry;

/// <summary>What lines for people look like, and which of Orleans' they are spared.</summary>
internal static class ConsoleLines
{
    private const string Silo = "Orleans.Runtime.Silo";

    /// <summary>Each line begins with its moment in UTC. A format that is configured (<c>Logging__Console__FormatterOptions__TimestampFormat</c>; empty: none) stays, and JSON's is its own.</summary>
    public static IServiceCollection AddConsoleTimes(this IServiceCollection services)
    {
        // Without a name the console takes the simple one too, but with options of old and not with its own.
        services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= ConsoleFormatterNames.Simple);
        return services.PostConfigure<SimpleConsoleFormatterOptions>(lines =>
        {
            if (lines.TimestampFormat is null) (lines.TimestampFormat, lines.UseUtcTimestamp) = ("yyyy-MM-ddTHH:mm:ss.fffZ ", true);
        });
    }

    /// <summary>
    /// Every start of a silo would warn twice that the collector is not the one for servers. It is a choice (the project file): that one keeps a heap for each
    /// processor, and a process is meant for two processors and 512 MiB.
    /// </summary>
    /// <remarks>
    /// Lines of the class can only be kept apart by level. Its one other warning says that grains were slow to leave at a stop, which our own lines 5006 and 5007 say. The rule is a
    /// function because names of categories are compared by their beginnings, and others begin with this one.
    /// </remarks>
    public static ILoggingBuilder WithoutAdviceOnCollector(this ILoggingBuilder logging)
    {
        logging.Services.Configure<LoggerFilterOptions>(filters => filters.Rules.Add(
            new LoggerFilterRule(null, Silo, null, static (_, category, level) => level >= (category == Silo ? LogLevel.Error : LogLevel.Warning))));
        return logging;
    }
}
