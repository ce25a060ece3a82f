using OrleansBsp.Testing;

namespace OrleansBsp.Chaos;

/// <summary>Calls of the API by somebody who does not give up.</summary>
internal static class Patience
{
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Tries until it succeeds or is stopped. What fails because something is broken is tried again; what the server refuses for good is thrown.</summary>
    /// <returns>Null: it was stopped before it succeeded.</returns>
    public static async Task<T?> TryAsync<T>(Func<Task<T>> call, CancellationToken stop) where T : class
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                return await call();
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or IOException or ApiRefusedException { Problem.Status: >= 500 })
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }

        return null;
    }
}
