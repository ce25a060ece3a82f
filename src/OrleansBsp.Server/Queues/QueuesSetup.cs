namespace OrleansBsp.Server.Queues;

/// <summary>The services of the queues. Without anybody who uses SQS nothing of it is created.</summary>
internal static class QueuesSetup
{
    public static IServiceCollection AddQueues(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection("Queue").Get<QueueOptions>() ?? new QueueOptions();
        if (options.Sqs.VisibilitySeconds is < 1 or > 43_200) throw new InvalidOperationException($"Queue:Sqs:VisibilitySeconds is {options.Sqs.VisibilitySeconds}; it must be 1 to 43,200.");
        return services.AddSingleton(options).AddSingleton(options.Sqs).AddSingleton<SqsQueues>();
    }
}
