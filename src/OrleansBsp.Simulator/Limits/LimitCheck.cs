using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Graph;

namespace OrleansBsp.Simulator.Limits;

/// <summary>Asks every limit whether one message may pass, the narrowest first.</summary>
internal static class LimitCheck
{
    /// <summary>The refusal, or null. A refused message has used up none of the limits.</summary>
    public static GraphError? Refuse(BusinessNumber number, ulong recipient, bool freeForm, long arrival, long now, LimitSettings limits)
    {
        if (freeForm && limits is { ServiceWindow: true, ServiceWindowAsync: false } && !number.Pairs.IsWindowOpen(recipient, now))
        {
            return GraphErrors.Of(131047);
        }

        if (limits.Pair && !number.Pairs.TryTakeToken(recipient, now, limits.PairBurst, limits.PairRefillSeconds))
        {
            return GraphErrors.Of(131056);
        }

        if (!limits.Throughput || number.Window.TryTake(arrival, number.MessagesPerSecond))
        {
            return null;
        }

        if (limits.Pair)
        {
            number.Pairs.ReturnToken(recipient);
        }

        return GraphErrors.Of(130429);
    }
}
