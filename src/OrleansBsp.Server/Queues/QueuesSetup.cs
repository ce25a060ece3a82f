namespace OrleansBsp.Server.Queues;

/// <summary>The services of the queues. Without anybody who uses SQS nothing of it is created.</summary>
internal static class QueuesSetup
{
    public static IServiceCollection AddQueues(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection("Queue").Get<QueueOptions>() ?? new QueueOptions();
        return services.AddSingleton(options).AddSingleton(options.Sqs).AddSingleton<SqsQueues>();
    }
}
