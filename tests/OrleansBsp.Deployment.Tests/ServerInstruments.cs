using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using OrleansBsp.Server.Access;

namespace OrleansBsp.Deployment.Tests;

/// <summary>The server's own measures, by the names that Prometheus knows them by.</summary>
internal static class ServerInstruments
{
    public static readonly IReadOnlySet<string> Names = Find();

    // Asked of the meter and not read from the source: an instrument is there once the type that holds it has been touched, however it is made.
    private static HashSet<string> Find()
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "OrleansBsp") names.Add(Name(instrument));
        };
        foreach (var type in typeof(AccessOptions).Assembly.GetTypes().Where(type => type is { TypeInitializer: not null, ContainsGenericParameters: false }))
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        listener.Start(); // tells of those that are there
        return names;
    }

    private static string Name(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", "{message}/s" => "_per_second", _ => "" };
        var kind = instrument.GetType().Name.Split('`')[0] is "Counter" or "ObservableCounter" ? "_total" : "";
        return $"{instrument.Name.Replace('.', '_')}{unit}{kind}";
    }
}
