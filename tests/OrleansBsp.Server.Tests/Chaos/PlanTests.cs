using OrleansBsp.Chaos.Plans;

namespace OrleansBsp.Server.Tests.Chaos;

public sealed class PlanTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void The_same_seed_gives_the_same_plan_and_another_seed_another(int seed)
    {
        Assert.Equal(Faults(seed), Faults(seed));
        Assert.NotEqual(Faults(seed), Faults(seed + 1));
    }

    [Fact]
    public void Each_fault_comes_before_one_comes_again()
    {
        var names = Steps(1, Dispatch.Sqs).Take(Deck.Names.Count).Select(step => step.Name);
        Assert.Equal(Deck.Names.Order(), names.Order());
    }

    [Fact]
    public void Without_a_queue_nothing_happens_to_it()
    {
        var names = Steps(1, Dispatch.Memory).Take(60).Select(step => step.Name).Distinct();
        Assert.Equal(Deck.Names.Except(["freeze-queue", "repeat-orders"]).Order(), names.Order());
    }

    [Fact]
    public void Silos_that_there_are_not_are_not_hit()
    {
        foreach (var step in Plan.Of(3, silos: 2, Dispatch.Sqs, []).Take(50).SelectMany(round => round.Steps))
            if (step.Fault.GetType().GetProperty("Silo")?.GetValue(step.Fault) is int silo) Assert.InRange(silo, 0, 1);
    }

    [Fact]
    public void Only_the_faults_that_were_asked_for_happen() =>
        Assert.Equal(["kill-silo", "stop-database"], Plan.Of(3, 3, Dispatch.Memory, ["stop-database", "kill-silo"]).Take(9).SelectMany(round => round.Steps).Select(step => step.Name).Distinct().Order());

    private static List<string> Faults(int seed) => [.. Steps(seed, Dispatch.Sqs).Take(90).Select(step => $"{step}")];

    private static IEnumerable<Step> Steps(int seed, Dispatch dispatch) => Plan.Of(seed, 3, dispatch, []).SelectMany(round => round.Steps);
}
