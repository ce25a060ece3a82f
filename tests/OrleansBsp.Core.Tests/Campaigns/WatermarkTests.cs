using FsCheck.Xunit;
using OrleansBsp.Core.Campaigns;

namespace OrleansBsp.Core.Tests.Campaigns;

public class WatermarkTests
{
    /// <summary>Against the obvious: remember every position and count from the start.</summary>
    [Property(MaxTest = 1000)]
    public bool Any_order_of_outcomes_moves_it_as_the_obvious_would(byte start, byte[] positions)
    {
        var watermark = new Watermark(start);
        var recorded = Enumerable.Range(0, start + 1).ToHashSet();
        foreach (var position in positions.Select(distance => start - 8 + distance % 32))
        {
            watermark.Record(position);
            recorded.Add(position);
            if (watermark.RecordedThrough != ThroughOf(recorded, start)) return false;
            if (Enumerable.Range(1, start + 40).Any(any => watermark.IsRecorded(any) != (any <= start || recorded.Contains(any)))) return false;
        }

        return true;
    }

    [Property(MaxTest = 1000)]
    public bool ThroughWith_is_what_recording_them_would_give_and_changes_nothing(byte start, byte[] before, byte[] more, bool asSet)
    {
        var watermark = new Watermark(start);
        foreach (var distance in before) watermark.Record(start + distance % 16);
        var through = watermark.RecordedThrough;
        IEnumerable<int> positions = more.Select(distance => start + distance % 32).ToList();
        var with = watermark.ThroughWith(asSet ? positions.ToHashSet() : positions);
        if (watermark.RecordedThrough != through) return false;
        foreach (var position in positions) watermark.Record(position);
        return watermark.RecordedThrough == with;
    }

    [Property(MaxTest = 200)]
    public bool Any_permutation_of_a_whole_campaign_ends_at_its_end(int seed, byte size)
    {
        var positions = Enumerable.Range(1, size + 1).ToArray();
        new Random(seed).Shuffle(positions);
        var watermark = new Watermark(0);
        foreach (var position in positions) watermark.Record(position);
        return watermark.RecordedThrough == size + 1 && watermark.ThroughWith([]) == size + 1;
    }

    [Fact]
    public void Record_LongCampaignWithStragglers_MemoryEmpties()
    {
        var watermark = new Watermark(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var position = 2; position <= 1_000_000; position++)
        {
            watermark.Record(position);
            // One straggler per thousand: the entries that overtook it must make room again.
            if (position % 1000 == 0) watermark.Record(position - 999);
        }

        Assert.Equal(1_000_000, watermark.RecordedThrough);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    private static int ThroughOf(HashSet<int> recorded, int start)
    {
        var through = start;
        while (recorded.Contains(through + 1)) through++;
        return through;
    }
}
