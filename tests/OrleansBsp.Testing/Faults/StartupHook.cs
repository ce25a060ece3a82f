/// <summary>Runs in a server that is started with this assembly in <c>DOTNET_STARTUP_HOOKS</c>, and holds all threads of its pool, again and again, while a file exists.</summary>
/// <remarks>The name, and that it has no namespace, are .NET's. It must need nothing but .NET: the server knows none of the tests' packages.</remarks>
internal static class StartupHook
{
    /// <summary>The environment variable that names the file.</summary>
    public const string WhileThereIs = "HOLD_THREADS_WHILE_THERE_IS";

    // A probe or two are missed by it, and three in a row would be a vote. Then what has waited has its turn, on a busy machine too: what a silo that lives owns stays with it.
    private static readonly TimeSpan Held = TimeSpan.FromMilliseconds(1200), Free = TimeSpan.FromMilliseconds(1800);

    public static void Initialize()
    {
        var file = Environment.GetEnvironmentVariable(WhileThereIs)!;
        new Thread(() => HoldAgainAndAgain(file)) { IsBackground = true, Name = "holds the pool's threads" }.Start();
    }

    private static void HoldAgainAndAgain(string file)
    {
        for (; ; Thread.Sleep(Free))
        {
            if (!File.Exists(file)) continue;
            ThreadPool.GetMaxThreads(out var threads, out _);
            for (var thread = 0; thread < threads; thread++) ThreadPool.UnsafeQueueUserWorkItem(static _ => Thread.Sleep(Held), null);
            Thread.Sleep(Held);
        }
    }
}
