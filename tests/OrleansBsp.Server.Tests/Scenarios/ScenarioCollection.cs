namespace OrleansBsp.Server.Tests.Scenarios;

/// <summary>Scenarios need the machine for themselves: one class after another, and beside nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ScenarioCollection
{
    public const string Name = "scenarios";
}
