using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Hosting;

/// <summary>The health check of the image: one GET to <c>/health/ready</c> of the server beside it.</summary>
internal static class HealthCommand
{
    // The check itself may take 5 s for the database.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    /// <param name="listenAddress">As in <c>BSP_URL</c>; "every address" becomes loopback.</param>
    /// <exception cref="SettingsException">It is no address.</exception>
    public static async Task<int> RunAsync(string? listenAddress)
    {
        var address = Reachable(listenAddress);
        using var http = new HttpClient { Timeout = Limit };
        try
        {
            using var answer = await http.GetAsync(new Uri(address, "health/ready"));
            if (answer.IsSuccessStatusCode) return 0;
            Console.Error.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            Console.Error.WriteLine($"{address} does not answer: {failure.Message}");
        }

        return 1;
    }

    internal static Uri Reachable(string? listenAddress)
    {
        var first = (listenAddress is { Length: > 0 } given ? given : ServerAddress.Default).Split(';')[0];
        if (!ListenAddresses.AreValid(first)) throw new SettingsException($"{ServerAddress.Name}={listenAddress}: it must be {ListenAddresses.Form}.");
        foreach (var every in (string[])["//+", "//*", "//0.0.0.0", "//[::]"]) first = first.Replace(every, "//127.0.0.1", StringComparison.Ordinal);
        return new Uri(first);
    }
}
