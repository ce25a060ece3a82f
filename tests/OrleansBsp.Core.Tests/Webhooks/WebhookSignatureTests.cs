using System.Text;
using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

/// <summary>The vectors of the reference, 5.2.</summary>
public class WebhookSignatureTests
{
    private const string Empty = """{"object":"whatsapp_business_account","entry":[]}""";

    private const string Escaped = """
        {"object":"whatsapp_business_account","entry":[{"id":"104829366712045","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"61255500047","phone_number_id":"118233907745512"},"contacts":[{"profile":{"name":"Zo\u00eb"},"wa_id":"61491570006","user_id":"AU.35152453725986374173"}],"messages":[{"from":"61491570006","from_user_id":"AU.35152453725986374173","id":"wamid.TEST1","timestamp":"1795334400","type":"text","text":{"body":"Hi \ud83d\ude0a see https:\/\/example.com"}}]},"field":"messages"}]}]}
        """;

    private static readonly byte[] Secret = "test_app_secret_0123456789abcdef"u8.ToArray();

    public static TheoryData<string, string> Vectors => new()
    {
        { Empty, "f18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41e" },
        { Escaped, "e1f194d192f1973b9c39926b01b22e9d159913403b0e16e57c3463aae8358078" },
        { Escaped.Replace("\\/", "/"), "f1e12044549a5b9670580f80d5c2140c60723c8c248c0d8f9400145e8c46e70c" },
        { Escaped.Replace("\\/", "/").Replace("\\u00eb", "ë").Replace("\\ud83d\\ude0a", "😊"), "ecb53eda890d35ef1de01bfb051ce4ca593102d7969c82764817fc6906305899" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_vectors_hold_for_their_own_bytes_and_no_others(string body, string hex)
    {
        Assert.True(WebhookSignature.IsValid(Encoding.UTF8.GetBytes(body), "sha256=" + hex, Secret));
        foreach (var other in Vectors.Select(row => (string)row[0]).Where(other => other != body))
        {
            Assert.False(WebhookSignature.IsValid(Encoding.UTF8.GetBytes(other), "sha256=" + hex, Secret));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("f18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41e")]
    [InlineData("sha1=f18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41e")]
    [InlineData("sha256=f18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41")]
    [InlineData("sha256=f18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41e0")]
    [InlineData("sha256=z18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41e")]
    [InlineData("sha256=f18075f0bbeb02ee5043593392c48c4a9eafb26469f108d9615c5a772d1df41f")]
    public void A_header_of_another_form_or_value_is_refused(string? header) =>
        Assert.False(WebhookSignature.IsValid(Encoding.UTF8.GetBytes(Empty), header, Secret));

    [Fact]
    public void An_empty_secret_never_opens_the_door()
    {
        var header = "sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(Array.Empty<byte>(), Encoding.UTF8.GetBytes(Empty)));
        Assert.False(WebhookSignature.IsValid(Encoding.UTF8.GetBytes(Empty), header, []));
    }

    [Fact]
    public void The_signed_body_reads_as_text_with_emoji() =>
        Assert.Equal("Hi 😊 see https://example.com", WebhookBodies.Read(Escaped).Inbound[0].Text);
}
