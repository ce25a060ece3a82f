using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Tests.Fates;

public sealed class FateTests
{
    [Fact]
    public void Decide_SameInputs_SameFate_AndAttemptsDiffer()
    {
        var fates = Enumerable.Range(1, 200).Select(attempt => One(attempt)).ToList();

        Assert.Equal(fates, Enumerable.Range(1, 200).Select(attempt => One(attempt)));
        Assert.True(fates.Distinct().Count() > 150);
    }

    [Fact]
    public void Decide_Shares_AreMet()
    {
        var profile = StatusProfile.Messy;
        const int total = 50_000;
        var fates = Enumerable.Range(0, total).Select(i => FateDecider.Decide(FateDecider.Basis(1, 2, (ulong)i, 1), profile, default)).ToList();

        Near(profile.ReadProbability, fates.Count(fate => (fate.Flags & FateFlags.Read) != 0));
        Near(profile.DuplicateProbability, fates.Count(fate => (fate.Flags & FateFlags.Duplicate) != 0));
        foreach (var share in profile.Failures)
        {
            Near(share.Probability, fates.Count(fate => fate.FailureCode == share.Code));
        }

        static void Near(double expected, int count) => Assert.InRange((double)count / total, expected * 0.8, expected * 1.2);
    }

    [Fact]
    public void Decide_SkippedDelivered_OnlyWhereReadImpliesIt()
    {
        var profile = StatusProfile.Instant with { ReadProbability = 0.5, SkipDeliveredProbability = 1 };

        Assert.All(
            Enumerable.Range(0, 1000).Select(i => FateDecider.Decide(FateDecider.Basis(1, 2, (ulong)i, 1), profile, default).Flags),
            flags => Assert.Equal((flags & FateFlags.Read) != 0, (flags & FateFlags.SkipDelivered) != 0));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_end_to_every_recipient()
    {
        var first = await RunAsync(5);

        Assert.Equal(first, await RunAsync(5));
        Assert.NotEqual(first, await RunAsync(6));
    }

    private static async Task<string> RunAsync(ulong seed)
    {
        await using var rig = await Rig.StartAsync(options =>
        {
            options.Seed = seed;
            options.Statuses = StatusProfile.Messy with { SentMaxMs = 50, DeliveredMaxMs = 150, ReadMinMs = 0, ReadMaxMs = 50, EarlyProbability = 0 };
        });
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => rig.SendAsync(Rig.Template($"+6149157{i:0000}"), Rig.HighNumber)));
        await rig.DeliveredAsync();
        return string.Join(' ', rig.Simulator.Ledger.Read().OrderBy(record => record.To, StringComparer.Ordinal).Select(record => $"{record.State}{record.FailureCode}"));
    }

    private static Fate One(int attempt) => FateDecider.Decide(FateDecider.Basis(1, 2, 61491570006, attempt), new StatusProfile(), default);
}
