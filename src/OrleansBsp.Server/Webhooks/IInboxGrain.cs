namespace OrleansBsp.Server.Webhooks;

/// <summary>Applies one shard of the raw webhook inbox, in order, with a cursor. Key: <c>i:</c> and the shard.</summary>
[Alias("Inbox")]
public interface IInboxGrain : IGrainWithStringKey
{
    /// <summary>There may be something new.</summary>
    [Alias("Poke")]
    Task Poke();
}
