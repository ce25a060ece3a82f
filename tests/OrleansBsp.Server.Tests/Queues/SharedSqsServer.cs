namespace OrleansBsp.Server.Tests.Queues;

/// <summary>One SQS server for the tests of a class; each takes queues of its own.</summary>
public sealed class SharedSqsServer : IAsyncLifetime
{
    public SqsServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await SqsServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
