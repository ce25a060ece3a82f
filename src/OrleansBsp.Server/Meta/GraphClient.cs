using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;

namespace OrleansBsp.Server.Meta;

/// <summary>
/// Sends messages to Meta's Graph API. One POST is one attempt: nothing here repeats it, but what HTTP/2's other side says it has not processed. What an answer means is decided by
/// <see cref="SendAnswer"/>; here is only decided whether a failed request can have reached Meta.
/// </summary>
public sealed class GraphClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeSpan _sendTimeout;
    private readonly HttpVersionPolicy _versionPolicy;
    private readonly Uri _base;
    private readonly ConcurrentDictionary<string, Uri> _messages = new(); // by number: parsing an address costs as much as rendering a message

    public GraphClient(IOptions<MetaOptions> options)
    {
        _sendTimeout = TimeSpan.FromSeconds(options.Value.SendTimeoutSeconds);
        _versionPolicy = options.Value.Http2PriorKnowledge ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower;
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            MaxConnectionsPerServer = options.Value.MaxConnections,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10), // follow DNS
            ConnectTimeout = TimeSpan.FromSeconds(5),
            AllowAutoRedirect = false, // a redirected POST could be sent twice
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        };
        _base = Slashed(options.Value.GraphBaseUrl);
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Posts one message. Never throws for what the network or Meta does; only <paramref name="stop"/> ends it early, as uncertain.</summary>
    /// <param name="attempt">Number of this attempt, from 1: decides the waiting time of a retry.</param>
    /// <param name="message">Is asked before the body is written, and told after it.</param>
    public async Task<SendOutcome> PostMessageAsync(
        AuthenticationHeaderValue token, PhoneNumberId from, ReadOnlyMemory<byte> body, int attempt, IPosted message, CancellationToken stop)
    {
        var address = _messages.GetOrAdd(from.Value, static (number, root) => new Uri(root, $"{number}/messages"), _base);
        using var request = Request(HttpMethod.Post, address, token);
        var started = Stopwatch.GetTimestamp();
        var content = new TimelyContent(body, message) { Headers = { ContentType = Json } };
        request.Content = content;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_sendTimeout);
        var outcome = await SendAsync(request, content, attempt, limit);
        GraphMetrics.Sent(outcome, started);
        return outcome;
    }

    private async Task<SendOutcome> SendAsync(HttpRequestMessage request, TimelyContent content, int attempt, CancellationTokenSource limit)
    {
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token);
            var answer = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return SendAnswer.Read((int)response.StatusCode, answer, attempt, Random.Shared.NextDouble());
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            // No connection, no turn on it, or too late: nothing of the body was written, nor will be.
            var (isUnposted, isTimeout) = (content.Forbid(), failure is OperationCanceledException && limit.IsCancellationRequested);
            var reason = !isTimeout ? failure.GetBaseException().Message : $"{(isUnposted ? "not written" : "no answer")} within {_sendTimeout.TotalSeconds:0} s";
            return isUnposted ? SendOutcome.NotSent(reason, attempt, Random.Shared.NextDouble()) : SendOutcome.NoAnswer(reason);
        }
    }

    /// <summary>Reads <paramref name="path"/>, relative to the base address or absolute (a page's <c>next</c>).</summary>
    /// <exception cref="GraphException">Meta answered with an error, not at all, or with nonsense.</exception>
    public async Task<byte[]> GetAsync(AuthenticationHeaderValue token, string path, TimeSpan timeout, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Get, new Uri(_base, path), token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            var body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return response.IsSuccessStatusCode ? body : throw GraphException.From((int)response.StatusCode, body);
        }
        catch (HttpRequestException failure)
        {
            throw new GraphException($"Meta could not be reached: {failure.Message}", null, failure);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new GraphException($"Meta did not answer within {timeout.TotalSeconds:0} s", null);
        }
    }

    public void Dispose() => _http.Dispose();

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private HttpRequestMessage Request(HttpMethod method, Uri address, AuthenticationHeaderValue token) => new(method, address)
    {
        // HttpClient's default version is ignored for an explicit request message.
        Version = HttpVersion.Version20,
        VersionPolicy = _versionPolicy,
        Headers = { Authorization = token },
    };

    private static Uri Slashed(Uri address) => address.OriginalString.EndsWith('/') ? address : new Uri(address.OriginalString + "/");
}
