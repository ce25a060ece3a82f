namespace OrleansBsp.Server.Tests.Cluster;

/// <summary>Waits for a fact: looks until it is there, and says what it saw last if it never comes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<T> SeesAsync<T>(Func<Task<T>> look, Func<T, bool> isThere, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var seen = await look();
            if (isThere(seen)) return seen;
            if (patience.IsCancellationRequested) Assert.Fail($"Never seen within {Patience.TotalSeconds} s: {what}. Last: {seen}");
            await Task.Delay(20);
        }
    }

    public static Task IsTrueAsync(Func<Task<bool>> look, string what) => SeesAsync(look, seen => seen, what);

    public static Task IsTrueAsync(Func<bool> look, string what) => SeesAsync(() => Task.FromResult(look()), seen => seen, what);
}
