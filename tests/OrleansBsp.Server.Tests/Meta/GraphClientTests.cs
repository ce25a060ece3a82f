using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Simulator;
using OrleansBsp.Simulator.Accounts;
using OrleansBsp.Simulator.Faults;

namespace OrleansBsp.Server.Tests.Meta;

/// <summary>Whether a failed request can have reached Meta: proof that it did not is a retry, every doubt is uncertain. Nothing is posted twice.</summary>
public sealed class GraphClientTests : IAsyncLifetime
{
    private SimulatorHost _meta = null!;

    public async Task InitializeAsync() =>
        _meta = await SimulatorHost.StartAsync(new SimulatorOptions { Url = "http://127.0.0.1:0", Http2Url = "http://127.0.0.1:0" });

    public async Task DisposeAsync() => await _meta.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_accepted_message_has_its_wamid(bool http2)
    {
        using var client = Client(http2);

        Assert.NotNull(_meta.Ledger.Find(Assert.IsType<SendOutcome.Accepted>(await PostAsync(client)).Wamid));
    }

    [Theory]
    [InlineData(FaultKind.ResetBeforeAccept, false, 0)]
    [InlineData(FaultKind.ResetBeforeAccept, true, 0)]
    [InlineData(FaultKind.ResetAfterAccept, false, 1)]
    [InlineData(FaultKind.ResetAfterAccept, true, 1)]
    [InlineData(FaultKind.ServerErrorBeforeAccept, true, 0)]
    [InlineData(FaultKind.ServerErrorAfterAccept, true, 1)]
    [InlineData(FaultKind.TruncatedJson, true, 1)]
    [InlineData(FaultKind.NotJson, true, 1)]
    [InlineData(FaultKind.HangBeforeAccept, true, 0)]
    [InlineData(FaultKind.HangAfterAccept, false, 1)]
    public async Task Without_a_proper_answer_a_message_is_uncertain_and_is_not_posted_again(FaultKind fault, bool http2, int accepted)
    {
        using var client = Client(http2, sendTimeoutSeconds: fault is FaultKind.HangBeforeAccept or FaultKind.HangAfterAccept ? 3 : 20);
        Assert.IsType<SendOutcome.Accepted>(await PostAsync(client)); // a connection that is used again: the one on which a client may be tempted to repeat
        _meta.Faults.Add(new FaultRule { Kind = fault, Times = 1 });

        Assert.IsType<SendOutcome.Uncertain>(await PostAsync(client));
        Assert.Equal(1, _meta.Faults.Rules.Single().Struck);
        Assert.Equal(1 + accepted, _meta.Ledger.Count);
    }

    /// <summary>As of a process that was stopped past its death right before it wrote: somebody else has its campaigns now.</summary>
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task A_request_that_stood_still_before_it_was_written_is_not_sent(bool http2, bool inTime)
    {
        using var client = Client(http2);
        var message = new Posted { IsInTime = inTime };

        var outcome = await PostAsync(client, message);

        Assert.Equal((inTime, inTime ? 1 : 0, inTime), (outcome is SendOutcome.Accepted, _meta.Ledger.Count, message.WasWritten));
        if (!inTime) Assert.True(Assert.IsType<SendOutcome.Retry>(outcome).IsUnposted);
    }

    /// <summary>HTTP/2's other side may say that it has not processed a request, and HttpClient writes it once more then: not when it is too late. Whether anything arrived is not known.</summary>
    [Fact]
    public async Task A_body_is_not_written_once_more_when_it_is_too_late()
    {
        var message = new Posted();
        using var content = new TimelyContent("body"u8.ToArray(), message);
        using var stream = new MemoryStream();
        await content.CopyToAsync(stream);
        await content.CopyToAsync(stream);
        Assert.Equal("bodybody"u8.ToArray(), stream.ToArray());

        message.IsInTime = false;
        await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(stream));
        Assert.Equal(8, stream.Length);
        Assert.False(content.Forbid());
    }

    /// <summary>Who takes the connection and says nothing: with TLS the request's turn never comes.</summary>
    [Fact]
    public async Task A_request_whose_time_is_up_before_its_turn_proves_that_nothing_was_sent()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var client = Client(new Uri($"https://{silent.LocalEndpoint}/v26.0/"), http2: false, sendTimeoutSeconds: 1);
        var message = new Posted();

        Assert.True(Assert.IsType<SendOutcome.Retry>(await PostAsync(client, message)).IsUnposted);
        Assert.False(message.WasWritten);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_whole_connection_that_breaks_makes_all_on_it_uncertain(bool http2)
    {
        using var client = Client(http2);
        await PostAsync(client);
        _meta.Faults.Add(new FaultRule { Kind = FaultKind.ResetAfterAccept, Times = 1, WholeConnection = true });

        Assert.IsType<SendOutcome.Uncertain>(await PostAsync(client));
        Assert.Equal(2, _meta.Ledger.Count);
    }

    [Fact]
    public async Task A_refused_connection_proves_that_nothing_was_sent()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using var client = Client(new Uri($"http://127.0.0.1:{port}/v26.0/"), http2: false);

        Assert.Null(Assert.IsType<SendOutcome.Retry>(await PostAsync(client)).Fault.Code);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_in_time_proves_that_nothing_was_sent()
    {
        // A queue that is full: the kernel drops whoever knocks.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        var knocking = Enumerable.Range(0, 8).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToList();
        foreach (var socket in knocking) _ = Record.Exception(() => socket.Connect(deaf.LocalEndPoint!));
        using var client = Client(new Uri($"http://{deaf.LocalEndPoint}/v26.0/"), http2: false);

        Assert.IsType<SendOutcome.Retry>(await PostAsync(client));
        foreach (var socket in knocking) socket.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_disposed_of_leaves_its_messages_uncertain(bool http2)
    {
        var client = Client(http2);
        await PostAsync(client);
        _meta.Faults.Add(new FaultRule { Kind = FaultKind.HangAfterAccept });
        var hanging = Enumerable.Range(0, 5).Select(_ => PostAsync(client)).ToList();
        await Eventually.IsTrueAsync(() => _meta.Ledger.Count == 6, "all are accepted");

        client.Dispose();

        Assert.All(await Task.WhenAll(hanging), outcome => Assert.IsType<SendOutcome.Uncertain>(outcome));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var followed = 0;
        await using var elsewhere = await ListenAsync(context =>
        {
            if (context.Request.Path == "/elsewhere") Interlocked.Increment(ref followed);
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        using var client = Client(new Uri(elsewhere.Urls.Single() + "/v26.0/"), http2: false);

        Assert.IsNotType<SendOutcome.Accepted>(await PostAsync(client));
        Assert.Equal(0, followed);
    }

    [Theory]
    [InlineData(true, "HTTP/2")]
    [InlineData(false, "HTTP/1.1")]
    public async Task Prior_knowledge_speaks_http_2_and_otherwise_plain_http_is_1_1(bool http2, string expected)
    {
        string? protocol = null, token = null, path = null;
        await using var server = await ListenAsync(
            async context =>
            {
                (protocol, token, path) = (context.Request.Protocol, context.Request.Headers.Authorization, context.Request.Path);
                await context.Response.WriteAsync("""{"messages":[{"id":"wamid.X"}]}""");
            },
            http2);
        using var client = Client(new Uri(server.Urls.Single() + "/v26.0"), http2);

        Assert.Equal("wamid.X", Assert.IsType<SendOutcome.Accepted>(await PostAsync(client)).Wamid);
        Assert.Equal((expected, "Bearer demo-token", $"/v26.0/{SampleAccount.Number}/messages"), (protocol, token, path));
    }

    [Fact]
    public async Task The_circuit_opens_when_answers_stop_and_closes_when_one_comes()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var circuit = new Circuit(clock);
        var uncertain = SendOutcome.NoAnswer("test");
        SendOutcome accepted = new SendOutcome.Accepted("wamid.X", null, null, false);
        var posted = 0;
        for (var turn = 0; turn < 40; turn++) await SendAsync(uncertain);

        Assert.True(circuit.IsOpen);
        Assert.Equal(20, posted);
        Assert.IsType<SendOutcome.Retry>(await SendAsync(accepted));
        Assert.Equal(20, posted);

        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(!circuit.IsOpen && circuit.IsToBeTried);
        Assert.Same(accepted, await SendAsync(accepted));
        Assert.False(circuit.IsOpen);
        Assert.Equal(21, posted);

        ValueTask<SendOutcome> SendAsync(SendOutcome outcome) => circuit.RunAsync(state => { posted++; return ValueTask.FromResult(state); }, outcome, CancellationToken.None);
    }

    [Fact]
    public async Task The_circuit_tries_again_also_when_the_clock_was_set_back()
    {
        var clock = new SetClock();
        var circuit = new Circuit(clock);
        for (var turn = 0; turn < 40; turn++) await circuit.RunAsync(ValueTask.FromResult, SendOutcome.NoAnswer("test"), CancellationToken.None);
        Assert.True(circuit.IsOpen);

        clock.SetBy = TimeSpan.FromMinutes(-1);
        clock.Passed = TimeSpan.FromSeconds(4);
        SendOutcome accepted = new SendOutcome.Accepted("wamid.X", null, null, false);
        Assert.Same(accepted, await circuit.RunAsync(ValueTask.FromResult, accepted, CancellationToken.None));
        Assert.False(circuit.IsOpen);
    }

    [Fact]
    public async Task Refusals_of_single_messages_do_not_open_the_circuit()
    {
        var circuit = new Circuit(TimeProvider.System);
        var refused = SendOutcome.NotSendable("test");
        for (var turn = 0; turn < 100; turn++) await circuit.RunAsync(ValueTask.FromResult, refused, CancellationToken.None);

        Assert.False(circuit.IsOpen);
    }

    private GraphClient Client(bool http2, int sendTimeoutSeconds = 20) => Client(new Uri(http2 ? _meta.Http2Url! : _meta.Url, "v26.0/"), http2, sendTimeoutSeconds);

    private static GraphClient Client(Uri address, bool http2, int sendTimeoutSeconds = 20) => new(Options.Create(new MetaOptions
    {
        GraphBaseUrl = address, Http2PriorKnowledge = http2, SendTimeoutSeconds = sendTimeoutSeconds,
    }));

    private sealed class Posted : IPosted
    {
        public bool IsInTime { get; set; } = true;

        public bool WasWritten { get; private set; }

        public bool MayBeWritten() => IsInTime;

        public void Written() => WasWritten = true;
    }

    private static Task<SendOutcome> PostAsync(GraphClient client, IPosted? message = null) => client.PostMessageAsync(
        new AuthenticationHeaderValue("Bearer", DefaultWorld.AccessToken), new PhoneNumberId(SampleAccount.Number),
        Encoding.UTF8.GetBytes("""{"messaging_product":"whatsapp","to":"61491570006","type":"template","template":{"name":"store_hours","language":{"code":"en_US"}}}"""),
        1, message ?? new Posted(), CancellationToken.None);

    private static async Task<WebApplication> ListenAsync(RequestDelegate answer, bool http2 = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            listen.Protocols = http2 ? Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2 : Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    /// <summary>Stands still unless told otherwise; its time of day can be set while its monotonic time goes on.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public TimeSpan SetBy { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Passed + SetBy;
    }
}
