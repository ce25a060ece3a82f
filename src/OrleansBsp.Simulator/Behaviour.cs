using OrleansBsp.Simulator.Fates;
using OrleansBsp.Simulator.Limits;

namespace OrleansBsp.Simulator;

/// <summary>What control may change while messages flow. Each part is replaced as a whole, so a request sees either the old or the new one.</summary>
public sealed class Behaviour
{
    private volatile StatusProfile statuses;
    private volatile LimitSettings limits;
    private volatile WebhookOptions webhooks;

    internal Behaviour(SimulatorOptions options)
    {
        statuses = options.Statuses;
        limits = options.Limits;
        webhooks = options.Webhooks;
    }

    /// <summary>How statuses follow a message accepted from now on.</summary>
    public StatusProfile Statuses { get => statuses; set => statuses = value; }

    /// <summary>Limits enforced from now on.</summary>
    public LimitSettings Limits { get => limits; set => limits = value; }

    /// <summary>Batching and retry from now on; concurrency is fixed at start.</summary>
    public WebhookOptions Webhooks { get => webhooks; set => webhooks = value; }
}
