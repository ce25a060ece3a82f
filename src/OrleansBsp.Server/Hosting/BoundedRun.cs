using OrleansBsp.Server.Cluster;

namespace OrleansBsp.Server.Hosting;

/// <summary>Runs the server until it has stopped or the time for its stop is over.</summary>
internal static class BoundedRun
{
    /// <remarks>
    /// The host's own limit asks services to hurry, and not all listen: while the database is away Orleans goes on trying to say in the membership table that this silo
    /// leaves. By then the work has ended or cannot; others notice a silo that is gone without a word within seconds.
    /// </remarks>
    public static async Task RunBoundedAsync(this WebApplication app)
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopping = app.Lifetime.ApplicationStopping.Register(() =>
            _ = Task.Delay(Drain.CutOffAfter, TimeProvider.System, CancellationToken.None).ContinueWith(_ => late.TrySetResult(), TaskScheduler.Default));
        var running = app.RunAsync();
        if (await Task.WhenAny(running, late.Task) != running)
        {
            app.Logger.StopCutOff(Drain.CutOffAfter.TotalSeconds);
            return;
        }

        try
        {
            await running;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop while it was starting.
        }
    }
}
