namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>
/// Scenarios that measure how fast, how soon or how much: one class after another, and beside nothing else. All others wait for facts, most of
/// the time, and run beside each other and beside the other tests.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
