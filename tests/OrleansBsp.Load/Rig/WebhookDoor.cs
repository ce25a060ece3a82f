using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansBsp.Load.Rig;

/// <summary>Posts webhooks to the product as Meta does: signed over the raw bytes.</summary>
internal sealed class WebhookDoor(Uri address, string appSecret) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(appSecret);
    private int _refused;

    /// <summary>Answers other than 200.</summary>
    public int Refused => _refused;

    /// <summary>Tells, in a body of its own, that the message has been delivered.</summary>
    public Task PostAsync(Arrival message, CancellationToken cancel) => PostAsync(Change(message.PhoneNumberId, string.Create(CultureInfo.InvariantCulture, $$"""
        "statuses":[{"id":"{{message.Wamid}}","status":"delivered","timestamp":"{{message.ArrivalUnixMicros / 1_000_000}}","recipient_id":"{{message.To}}","biz_opaque_callback_data":"{{message.Token}}"}]
        """)), cancel);

    /// <summary>Messages from people, all in one body.</summary>
    /// <param name="messages">To which number, and from whom (digits).</param>
    public Task PostInboundAsync(IEnumerable<(string Number, string From)> messages, CancellationToken cancel) =>
        PostAsync(string.Join(',', messages.Select(message => Change(message.Number, string.Create(CultureInfo.InvariantCulture, $$"""
        "contacts":[{"profile":{"name":"Asha"},"wa_id":"{{message.From}}"}],
        "messages":[{"from":"{{message.From}}","id":"wamid.load{{Guid.NewGuid():N}}","timestamp":"{{WallClock.UnixMicros / 1_000_000}}","type":"text","text":{"body":"When does it start?"} }]
        """)))), cancel);

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(string changes, CancellationToken cancel)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"object":"whatsapp_business_account","entry":[{"id":"{{World.WabaId}}","changes":[{{changes}}]}]}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(_secret, body))}");
        using var response = await _http.SendAsync(request, cancel);
        if ((int)response.StatusCode != 200) Interlocked.Increment(ref _refused);
    }

    private static string Change(string number, string what) =>
        $$$"""{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"918800010000","phone_number_id":"{{{number}}}"},{{{what}}}},"field":"messages"}""";
}
