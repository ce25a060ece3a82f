using System.Collections.Concurrent;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// Gives the first so many things a label of their own, for the life of the process, and all others one together. A combination of labels is never forgotten, and beyond the room for
/// an instrument (<see cref="TelemetrySetup"/>) the SDK would keep the last measurement of whichever came last; thousands of numbers would make no sense of it on a screen either.
/// Safe for concurrent use.
/// </summary>
internal sealed class NamedFew(int most)
{
    /// <summary>The label of all that came later.</summary>
    public const string Others = "others";

    private readonly ConcurrentDictionary<string, string> _labels = new();

    public string Of(string name)
    {
        if (_labels.TryGetValue(name, out var label)) return label;
        // Two at the very end may both be let in; there is room for that.
        return _labels.Count < most ? _labels.GetOrAdd(name, name) : Others;
    }
}
