using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansBsp.Load.Rig;

/// <summary>Posts status webhooks to the product as Meta does: one status in each body, signed over the raw bytes.</summary>
internal sealed class WebhookDoor(Uri address, string appSecret) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(appSecret);
    private int _refused;

    /// <summary>Answers other than 200.</summary>
    public int Refused => _refused;

    /// <summary>Tells that the message has been delivered.</summary>
    public async Task PostAsync(Arrival message, CancellationToken cancel)
    {
        var body = Body(message);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(_secret, body))}");
        using var response = await _http.SendAsync(request, cancel);
        if ((int)response.StatusCode != 200) Interlocked.Increment(ref _refused);
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Body(Arrival message) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
        {"object":"whatsapp_business_account","entry":[{"id":"{{World.WabaId}}","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"918800010000","phone_number_id":"{{message.PhoneNumberId}}"},"statuses":[{"id":"{{message.Wamid}}","status":"delivered","timestamp":"{{message.ArrivalUnixMicros / 1_000_000}}","recipient_id":"{{message.To}}","biz_opaque_callback_data":"{{message.Token}}"}]},"field":"messages"}]}]}
        """));
}
