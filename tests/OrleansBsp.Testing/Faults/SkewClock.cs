namespace OrleansBsp.Testing.Faults;

/// <summary>A silo's clock is wrong: it jumps while the silo works, stays wrong for a while, and jumps back.</summary>
/// <remarks>
/// By libfaketime (<c>tools/faketime/install</c>), for which the silo is restarted before and after. Only the time of day is wrong; the monotonic clock is not, as when a machine's
/// time is set. FAKETIME_FORCE_MONOTONIC_FIX=0, because with it .NET's waits return at once.
/// </remarks>
public sealed record SkewClock(int Silo, int By, int Seconds) : Fault
{
    private static readonly Lazy<Task> Installed = new(() => Repository.InstallAsync("faketime"));

    // Of an answer's date: whole seconds, renewed once in a second, of a process that may wait for a processor.
    private static readonly TimeSpan Inaccuracy = TimeSpan.FromSeconds(8);

    public override string What => $"silo {Silo}'s clock {Math.Abs(By)} s {(By > 0 ? "fast" : "slow")} for {Seconds} s";

    public override bool LeavesOthers => true;

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        await Installed.Value;
        var silo = stage.Silos[Silo];
        var clock = Path.Combine(silo.DataFolder, $"clock-{Silo}");
        (string Name, string Value)[] preload =
        [
            ("LD_PRELOAD", Path.Combine(Repository.Folder, ".tools/faketime/libfaketime.so.1")), ("FAKETIME_TIMESTAMP_FILE", clock), ("FAKETIME_CACHE_DURATION", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
        ];
        await ShiftAsync(clock, 0, stop);
        foreach (var (name, value) in preload) silo.Set(name, value);
        try
        {
            await RestartAsync(silo);
            await stage.WaitUntilOwnsAsync(Silo);
            await ShiftAsync(clock, By, stop);
            var off = await WaitUntilOffByAsync(silo, By);
            tell($"its answers were dated {off:+0;-0} s");
            await LetActAsync(Seconds, stop);
            await ShiftAsync(clock, 0, stop);
            await WaitUntilOffByAsync(silo, 0);
        }
        finally
        {
            foreach (var (name, _) in preload) silo.Set(name, null);
        }

        await RestartAsync(silo);
    }

    private static async Task RestartAsync(ServerProcess silo)
    {
        await silo.StopAsync();
        await silo.StartAgainAsync();
    }

    /// <summary>Waits until the silo's clock shows so many seconds more than ours, by the date of its answers. Where the library cannot be loaded nothing else would tell.</summary>
    private static async Task<double> WaitUntilOffByAsync(ServerProcess silo, int by)
    {
        using var http = new HttpClient { BaseAddress = silo.Url, Timeout = TimeSpan.FromSeconds(5) };
        return await Wait.UntilAsync(OffByAsync, off => Math.Abs(off - by) < Inaccuracy.TotalSeconds, $"the silo's clock is off by {by:+0;-0;0} s", TimeSpan.FromSeconds(20));

        async Task<double> OffByAsync()
        {
            using var answer = await http.GetAsync("health/live");
            return (answer.Headers.Date! - DateTimeOffset.UtcNow).Value.TotalSeconds;
        }
    }

    private static async Task ShiftAsync(string clock, int by, CancellationToken stop)
    {
        await File.WriteAllTextAsync($"{clock}.next", $"{by:+0;-0;+0}\n", stop);
        File.Move($"{clock}.next", clock, overwrite: true); // never half a file
    }
}
