using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Faults;
using OrleansBsp.Simulator.Graph;
using OrleansBsp.Simulator.Ledgers;
using OrleansBsp.Simulator.Webhooks;

namespace OrleansBsp.Simulator;

/// <summary>The parts of one simulator and the few things that concern all of them.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private int generation;

    public Engine(SimulatorOptions options)
    {
        Options = options;
        Behaviour = new Behaviour(options);
        Ledger = new Ledger(World, Clock);
        Flow = new StatusFlow(this);
        Pump = new WebhookPump(this);
        Inbound = new InboundFlow(this);
        WebhookUrl = string.IsNullOrEmpty(options.WebhookUrl) ? null : options.WebhookUrl;
        AppSecret = options.AppSecret;
        VerifyToken = options.VerifyToken;
        if (options.DefaultWorld)
        {
            DefaultWorld.Seed(World);
        }
    }

    public SimulatorOptions Options { get; }

    public Behaviour Behaviour { get; }

    public Clock Clock { get; } = new();

    public World World { get; } = new();

    public FaultPlan Faults { get; } = new();

    public Ledger Ledger { get; }

    public StatusFlow Flow { get; }

    public WebhookPump Pump { get; }

    /// <summary>One for all callers: it numbers the messages.</summary>
    public InboundFlow Inbound { get; }

    public string? WebhookUrl { get; set; }

    public string AppSecret { get; set; }

    public string VerifyToken { get; set; }

    /// <summary>Rises with each reset, so that what was under way then is dropped when it lands.</summary>
    public int Generation => Volatile.Read(ref generation);

    /// <summary>Held while something is scheduled that a reset must either see or forbid.</summary>
    public Lock ResetGate { get; } = new();

    public void Start()
    {
        Flow.Scheduler.Start();
        Pump.Start(Behaviour.Webhooks.Concurrency);
    }

    /// <summary>Where webhooks of a number go: its own override, its account's, or the app's (reference 5.1). Null: nowhere.</summary>
    public string? CallbackOf(BusinessNumber number) => CallbackOf(number.Waba) is { } callback ? number.OverrideCallback ?? callback : null;

    public string? CallbackOf(Waba waba) => waba.Subscribed ? waba.OverrideCallback ?? WebhookUrl : null;

    /// <summary>Runs work on the scheduler's thread when the simulator's clock gets there.</summary>
    public void Schedule(TimeSpan after, Action work, Action? dropped = null)
        => Flow.Scheduler.Schedule(Clock.NowMicros + (after.Ticks / 10), new DueItem(-1, 0, 0, new DueWork(work, dropped)));

    public void Reset()
    {
        lock (ResetGate)
        {
            Interlocked.Increment(ref generation);
            Flow.Scheduler.Clear();
        }

        Flow.Clear();
        Ledger.Clear();
        Faults.Clear();
        Pump.Stats.Clear();
        foreach (var number in World.Numbers)
        {
            number.Forget();
        }
    }

    public void ResetWorld()
    {
        Reset();
        World.Clear();
        if (Options.DefaultWorld)
        {
            DefaultWorld.Seed(World);
        }
    }

    /// <summary>The verdict on what a paced template holds; a bad one also pauses the template (reference 4.8). Returns how many messages it concerned.</summary>
    public int JudgeHeld(Template template, bool drop)
    {
        template.HoldAfter = null;
        if (drop)
        {
            new TemplateReview(this).Decide(template, "PAUSED", "NONE");
        }

        return Flow.Judge(template, drop);
    }

    public bool IsIdle(bool alsoFuture) => Flow.Scheduler.IsIdle(alsoFuture) && Flow.Pending == 0 && Pump.Outstanding == 0;

    public async Task<bool> WaitIdleAsync(TimeSpan timeout, bool alsoFuture, CancellationToken cancellationToken)
    {
        var until = Clock.RealMicros + (timeout.Ticks / 10);
        while (!IsIdle(alsoFuture))
        {
            if (Clock.RealMicros > until)
            {
                return false;
            }

            await Task.Delay(2, cancellationToken);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Flow.Scheduler.Dispose();
        await Pump.DisposeAsync();
    }
}
