using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Cluster;

/// <summary>Around each call of a grain: an activation that finds it has lost its rows to another makes room, so that the next call finds their owner.</summary>
internal sealed class LostOwners : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (OwnershipLostException) when (context.Grain is IGrainBase owner)
        {
            owner.DeactivateOnIdle();
            throw;
        }
    }
}
