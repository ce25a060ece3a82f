using FsCheck.Xunit;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

public class MetaWaitTests
{
    [Property]
    public bool After_any_attempt_and_jitter_stays_between_first_and_cap_with_a_quarter(int attempt, double jitter)
    {
        var wait = new MetaWait(TimeSpan.FromSeconds(2), 3, TimeSpan.FromSeconds(100)).After(attempt, jitter);
        return wait >= TimeSpan.FromSeconds(2) && wait <= TimeSpan.FromSeconds(125);
    }

    [Property]
    public bool After_never_shrinks_with_attempts(ushort attempt) =>
        MetaWait.Backoff.After(attempt + 1, 0) >= MetaWait.Backoff.After(attempt, 0);

    [Fact]
    public void Jitter_only_lengthens()
    {
        var wait = MetaWait.Always(TimeSpan.FromHours(24));
        Assert.Equal(TimeSpan.FromHours(24), wait.After(1, 0));
        Assert.Equal(TimeSpan.FromHours(30), wait.After(1, 1));
    }
}
