using System.Collections.Concurrent;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Ledgers;

namespace OrleansBsp.Simulator.Webhooks;

/// <summary>
/// Walks accepted messages through their plans and gathers the statuses into batches per callback. Batches are touched by the scheduler's
/// thread and, on reset, under the same lock.
/// </summary>
internal sealed class StatusFlow
{
    private readonly Engine engine;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Batch> batches = [];
    private readonly ConcurrentDictionary<int, List<int>> heldByTemplate = new();
    private volatile int pending;

    public StatusFlow(Engine engine)
    {
        this.engine = engine;
        Scheduler = new Scheduler(engine.Clock, OnDue, Flush);
    }

    public Scheduler Scheduler { get; }

    /// <summary>Statuses in batches that are not full or old enough yet.</summary>
    public int Pending => pending;

    /// <summary>Begins the plan of a message that was just accepted.</summary>
    public void Start(int ordinal)
    {
        // A reset came between acceptance and start.
        if (ordinal >= engine.Ledger.Count)
        {
            return;
        }

        ref var entry = ref engine.Ledger[ordinal];
        var flags = entry.Fate.Flags;
        if ((flags & FateFlags.Held) == 0)
        {
            ScheduleStep(ordinal, ref entry, 0);
            return;
        }

        engine.Ledger.Acknowledge(ordinal, MessageState.Held);
        if ((flags & FateFlags.HeldByTemplate) == 0)
        {
            var drop = (flags & FateFlags.HeldDrop) != 0;
            engine.Schedule(TimeSpan.FromMilliseconds(engine.Behaviour.Statuses.HoldMs), () => Release(ordinal, drop));
            return;
        }

        var held = heldByTemplate.GetOrAdd(entry.TemplateIndex, _ => []);
        lock (held)
        {
            held.Add(ordinal);
        }
    }

    /// <summary>The verdict on a paced template: everything it held is released, or fails with 132015. Returns how many.</summary>
    public int Judge(Template template, bool drop)
    {
        if (!heldByTemplate.TryRemove(template.Index, out var held))
        {
            return 0;
        }

        lock (held)
        {
            held.ForEach(ordinal => Release(ordinal, drop));
            return held.Count;
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            batches.Clear();
            pending = 0;
            heldByTemplate.Clear();
        }
    }

    private void Release(int ordinal, bool drop)
    {
        if (ordinal >= engine.Ledger.Count)
        {
            return;
        }

        ref var entry = ref engine.Ledger[ordinal];
        entry.PlanStartMicros = engine.Clock.NowMicros;
        if (drop)
        {
            entry.Fate = entry.Fate with { FailureCode = 132015 };
        }

        ScheduleStep(ordinal, ref entry, 0);
    }

    private void ScheduleStep(int ordinal, ref LedgerEntry entry, int step)
    {
        Span<PlannedStatus> plan = stackalloc PlannedStatus[StatusPlan.MaxLength];
        if (step < StatusPlan.Build(entry.Fate, plan))
        {
            var atMs = step == 0 && (entry.Fate.Flags & FateFlags.Early) != 0 ? 0 : plan[step].AtMs;
            Scheduler.Schedule(entry.PlanStartMicros + (atMs * 1000L), new DueItem(ordinal, (short)step, (short)engine.Generation));
        }
    }

    private void OnDue(DueItem item)
    {
        if (item.Work is not null)
        {
            item.Work.Run();
            return;
        }

        lock (gate)
        {
            if (item.Generation != (short)engine.Generation || item.Ordinal >= engine.Ledger.Count)
            {
                return;
            }

            ref var entry = ref engine.Ledger[item.Ordinal];
            Span<PlannedStatus> plan = stackalloc PlannedStatus[StatusPlan.MaxLength];
            StatusPlan.Build(entry.Fate, plan);
            Gather_NeedsLock(engine.CallbackOf(engine.World.NumberAt(entry.NumberIndex)), new StatusUpdate(item.Ordinal, plan[item.Step].Status));
            ScheduleStep(item.Ordinal, ref entry, item.Step + 1);
        }
    }

    private void Gather_NeedsLock(string? callback, StatusUpdate update)
    {
        if (callback is null)
        {
            engine.Pump.CompleteEarly(update.Ordinal);
            return;
        }

        if (!batches.TryGetValue(callback, out var batch))
        {
            batches[callback] = batch = new Batch();
        }

        if (batch.Updates.Count == 0)
        {
            batch.Since = engine.Clock.RealMicros;
        }

        batch.Updates.Add(update);
        pending++;
        if (batch.Updates.Count >= Math.Clamp(engine.Behaviour.Webhooks.MaxUpdates, 1, 1000))
        {
            Send_NeedsLock(callback, batch);
        }
    }

    private long Flush(long now)
    {
        var next = long.MaxValue;
        lock (gate)
        {
            var real = engine.Clock.RealMicros;
            var waitMicros = engine.Behaviour.Webhooks.MaxWaitMs * 1000L;
            foreach (var (callback, batch) in batches)
            {
                if (batch.Updates.Count == 0)
                {
                    continue;
                }

                var left = batch.Since + waitMicros - real;
                if (left <= 0)
                {
                    Send_NeedsLock(callback, batch);
                }
                else
                {
                    next = Math.Min(next, now + left);
                }
            }
        }

        return next;
    }

    private void Send_NeedsLock(string callback, Batch batch)
    {
        engine.Pump.Send(new Delivery(callback, [.. batch.Updates], null, engine.Generation, engine.Clock.NowMicros));
        pending -= batch.Updates.Count;
        batch.Updates.Clear();
    }

    private sealed class Batch
    {
        public List<StatusUpdate> Updates { get; } = [];

        public long Since { get; set; }
    }
}
