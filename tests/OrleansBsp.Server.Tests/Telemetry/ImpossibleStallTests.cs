using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Tests.Telemetry;

public sealed class ImpossibleStallTests
{
    private const int Watchdog = 100150;

    [Theory]
    [InlineData(Watchdog, "TimeSinceLastTick", 365, true)] // nothing has run for so long
    [InlineData(Watchdog, "TimeSinceLastTick", 0, false)]
    [InlineData(Watchdog, "Other", 365, false)]
    [InlineData(Watchdog + 1, "TimeSinceLastTick", 365, false)]
    public void Only_a_standstill_that_is_longer_than_the_process_is_old_is_left_out(int number, string name, int days, bool impossible) =>
        Assert.Equal(impossible, ImpossibleStall.Is(number, new Dictionary<string, object?> { [name] = TimeSpan.FromDays(days) }));
}
