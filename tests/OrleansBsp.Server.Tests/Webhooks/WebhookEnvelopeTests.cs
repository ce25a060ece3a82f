using System.Security.Cryptography;
using System.Text;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Tests.Webhooks;

/// <summary>Raw bytes through the text of a queue message: what comes out is what went in, byte by byte.</summary>
public sealed class WebhookEnvelopeTests
{
    private const int Limit = 4 << 20;

    public static TheoryData<byte[], char> Bodies => new()
    {
        { [], 't' },
        { "{}"u8.ToArray(), 't' },
        { "line\r\n\ttab, é, 🙂, \u007F"u8.ToArray(), 't' },
        { "\u0001"u8.ToArray(), 'b' },
        { "\0"u8.ToArray(), 'b' },
        { "not a character: \uFFFE"u8.ToArray(), 'b' },
        { "nor this: \uFFFF"u8.ToArray(), 'b' },
        { [0xED, 0xA0, 0x80], 'b' }, // half a surrogate pair
        { [0xFF, 0xFE], 'b' },
        { [0xEF, 0xBB, 0xBF, (byte)'{'], 't' }, // a byte order mark stays
        { new byte[900_000], 'z' },
        { Encoding.UTF8.GetBytes(new string('x', 3 << 20)), 'z' },
        { Encoding.UTF8.GetBytes(new string('x', SqsQueue.MaxBytes - 1)), 't' },
    };

    [Theory]
    [MemberData(nameof(Bodies), DisableDiscoveryEnumeration = true)] // megabytes are no names of tests
    public void What_comes_out_is_what_went_in(byte[] body, char kind)
    {
        var message = WebhookEnvelope.EncodeOrNull(body);

        Assert.Equal(kind, message![0]);
        Assert.InRange(Encoding.UTF8.GetByteCount(message), 1, SqsQueue.MaxBytes);
        Assert.Equal(body, WebhookEnvelope.DecodeOrNull(message, Limit));
    }

    [Fact]
    public void All_sample_bodies_go_as_text() => Assert.All(SampleBodies.Names, name =>
    {
        Assert.Equal('t', WebhookEnvelope.EncodeOrNull(SampleBodies.Bytes(name))![0]);
        Assert.Equal(SampleBodies.OnTheWire(name), WebhookEnvelope.DecodeOrNull(WebhookEnvelope.EncodeOrNull(SampleBodies.OnTheWire(name))!, Limit));
    });

    [Fact]
    public void Random_bytes_come_through_unless_they_are_too_many()
    {
        Assert.All([1, 2, 3, 100, 700_000], length =>
        {
            var body = RandomNumberGenerator.GetBytes(length);
            Assert.Equal(body, WebhookEnvelope.DecodeOrNull(WebhookEnvelope.EncodeOrNull(body)!, Limit));
        });
        Assert.Null(WebhookEnvelope.EncodeOrNull(RandomNumberGenerator.GetBytes(3 << 20)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("{\"Type\":\"Notification\"}")]
    [InlineData("bnot base64!")]
    [InlineData("zAAAA")]
    public void What_is_not_ours_is_said_to_be_so(string message) => Assert.Null(WebhookEnvelope.DecodeOrNull(message, Limit));

    [Fact]
    public void What_expands_beyond_any_webhook_is_not_ours()
    {
        var message = WebhookEnvelope.EncodeOrNull(new byte[Limit + 1])!;
        Assert.Equal('z', message[0]);
        Assert.Null(WebhookEnvelope.DecodeOrNull(message, Limit));
    }
}
