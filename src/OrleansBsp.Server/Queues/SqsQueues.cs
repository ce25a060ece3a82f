using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace OrleansBsp.Server.Queues;

/// <summary>
/// The queues of this installation by their names without the prefix, each with a dead-letter queue (<c>…-dead</c>). Those that are missing
/// are made; those that are there stay as they are, whoever made them.
/// </summary>
/// <remarks>Nothing is asked of SQS before a queue is first used: the server starts without it.</remarks>
public sealed class SqsQueues(SqsOptions options, TimeProvider clock, ILogger<SqsQueues> log) : IDisposable
{
    // The longest that SQS keeps anything. What is in a queue was acknowledged, and an outage may last longer than the default of four days.
    private static readonly string Retention = TimeSpan.FromDays(14).TotalSeconds.ToString(CultureInfo.InvariantCulture);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly AmazonSQSClient _client = SqsClients.Create(options);
    private readonly ConcurrentDictionary<string, SqsQueue> _queues = new();

    /// <summary>The queue, made if it is not there.</summary>
    /// <exception cref="QueueAwayException">SQS does not answer, or not as it should.</exception>
    public async ValueTask<SqsQueue> GetAsync(string name, CancellationToken cancel)
    {
        if (_queues.TryGetValue(name, out var known)) return known;
        var fullName = $"{options.Prefix}-{name}";
        return await SqsCall.RunAsync(Limit, async limited =>
        {
            var foundDead = await FindAsync($"{fullName}-dead", limited);
            var dead = foundDead ?? await MakeAsync($"{fullName}-dead", [], limited);
            var found = await FindAsync(fullName, limited);
            var url = found ?? await MakeAsync(fullName, await RedriveAsync(dead, limited), limited);
            var queue = Queue(name, url, Queue($"{name}-dead", dead, null));
            if (!_queues.TryAdd(name, queue)) return _queues[name];
            if (foundDead is null) log.QueueMade($"{fullName}-dead");
            if (found is null) log.QueueMade(fullName);
            else await WarnOfNoRedriveAsync(fullName, url, limited);
            return queue;
        }, cancel);
    }

    public void Dispose() => _client.Dispose();

    private SqsQueue Queue(string name, string url, SqsQueue? dead) => new(name, Reachable(url), dead, _client, options, clock, log);

    private async Task<string?> FindAsync(string fullName, CancellationToken cancel)
    {
        try
        {
            return (await _client.GetQueueUrlAsync(fullName, cancel)).QueueUrl;
        }
        catch (QueueDoesNotExistException)
        {
            return null;
        }
    }

    // Processes that start together make it together: the same name with the same attributes is the same queue.
    private async Task<string> MakeAsync(string fullName, Dictionary<string, string> attributes, CancellationToken cancel)
    {
        attributes["MessageRetentionPeriod"] = Retention;
        attributes["MaximumMessageSize"] = SqsQueue.MaxBytes.ToString(CultureInfo.InvariantCulture);
        attributes["VisibilityTimeout"] = options.VisibilitySeconds.ToString(CultureInfo.InvariantCulture);
        return (await _client.CreateQueueAsync(new CreateQueueRequest { QueueName = fullName, Attributes = attributes }, cancel)).QueueUrl;
    }

    private async Task<Dictionary<string, string>> RedriveAsync(string dead, CancellationToken cancel)
    {
        var known = await _client.GetQueueAttributesAsync(new GetQueueAttributesRequest { QueueUrl = Reachable(dead), AttributeNames = ["QueueArn"] }, cancel);
        var policy = new { deadLetterTargetArn = known.Attributes["QueueArn"], maxReceiveCount = options.MaxReceiveCount };
        return new Dictionary<string, string> { ["RedrivePolicy"] = JsonSerializer.Serialize(policy) };
    }

    // Who may not ask, or is not answered, works without.
    private async Task WarnOfNoRedriveAsync(string fullName, string url, CancellationToken cancel)
    {
        try
        {
            var known = await _client.GetQueueAttributesAsync(new GetQueueAttributesRequest { QueueUrl = Reachable(url), AttributeNames = ["RedrivePolicy"] }, cancel);
            if (known.Attributes?.ContainsKey("RedrivePolicy") != true) log.NoRedrivePolicy(fullName);
        }
        catch (Exception failure) when (failure is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or OperationCanceledException)
        {
            log.RedrivePolicyUnknown(fullName, failure.Message);
        }
    }

    // A server that speaks SQS names its queues by the address that it believes to have; behind a port mapping we reach it by another.
    private string Reachable(string url) =>
        options.ServiceUrl is { Length: > 0 } service ? new Uri(new Uri(service), new Uri(url).AbsolutePath).ToString() : url;
}
