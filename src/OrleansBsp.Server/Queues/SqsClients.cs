using Amazon;
using Amazon.Runtime;
using Amazon.SQS;

namespace OrleansBsp.Server.Queues;

/// <summary>Makes the client of SQS.</summary>
internal static class SqsClients
{
    // What the SDK's own chain would find; asking the chain itself would wait for the metadata service of a machine at Amazon's.
    private static readonly string[] Credentials =
    [
        "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SHARED_CREDENTIALS_FILE",
    ];

    public static AmazonSQSClient Create(SqsOptions options)
    {
        var config = new AmazonSQSConfig
        {
            // Whoever calls repeats, with a limit of its own: two of them would multiply.
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromSeconds(30), // above the longest receive; each call has its own limit
            ConnectTimeout = TimeSpan.FromSeconds(3),
            MaxConnectionsPerServer = 256,
        };
        if (options.ServiceUrl is not { Length: > 0 } address)
        {
            if (options.Region is { Length: > 0 } region) config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
            return new AmazonSQSClient(config);
        }

        config.ServiceURL = address;
        config.AuthenticationRegion = options.Region is { Length: > 0 } named ? named : "us-east-1";
        return HasCredentials() ? new AmazonSQSClient(config) : new AmazonSQSClient(new BasicAWSCredentials("local", "local"), config);
    }

    /// <summary>Whether there is an address or a region, ours or one that the client finds in its own configuration; without, it cannot be made.</summary>
    public static bool KnowsWhere(SqsOptions options) =>
        options.ServiceUrl is { Length: > 0 } || options.Region is { Length: > 0 } || FallbackRegionFactory.GetRegionEndpoint() is not null;

    private static bool HasCredentials() =>
        Credentials.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 })
        || File.Exists(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws", "credentials"));
}
