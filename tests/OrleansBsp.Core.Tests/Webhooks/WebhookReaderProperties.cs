using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansBsp.Core.Webhooks;

namespace OrleansBsp.Core.Tests.Webhooks;

public class WebhookReaderProperties
{
    private static readonly byte[][] Samples = [.. WebhookBodies.Names.Select(WebhookBodies.OnTheWire)];

    private static readonly string[] Values =
    [
        "null", "7", "-1", "1e999", "99999999999999999999", "true", "\"\"", "\"x\"", "\"\\ud83d\"", "\"\\u0000\"", "[]", "{}",
        "[null]", "[[{}]]", "{\"id\":1,\"id\":2}", "{\"\\ud83d\":1}",
    ];

    [Property(MaxTest = 1000)]
    public bool Any_bytes_are_read_without_throwing(byte[] body) => WebhookReader.Read(body).NotUnderstood.Count == 1;

    [Property(MaxTest = 3000)]
    public bool A_sample_with_bytes_changed_is_read_without_throwing(ushort which, (ushort At, byte To)[] edits)
    {
        var body = (byte[])Samples[which % Samples.Length].Clone();
        foreach (var (at, to) in edits)
        {
            body[at % body.Length] = to;
        }

        _ = WebhookReader.Read(body);
        return true;
    }

    [Property(MaxTest = 1000)]
    public bool A_truncated_sample_is_named_and_nothing_else(ushort which, ushort cut)
    {
        var body = Samples[which % Samples.Length];
        var content = WebhookReader.Read(body.AsMemory(0, cut % body.Length));
        return content.NotUnderstood.Count == 1 && content.Statuses.Count + content.Inbound.Count == 0;
    }

    /// <summary>
    /// Puts another value in the place of one: still JSON, with the wrong kinds everywhere. An empty path would mean that
    /// reading gave up on the whole body.
    /// </summary>
    [Property(MaxTest = 3000)]
    public bool A_sample_with_values_of_the_wrong_kind_is_never_given_up(ushort which, ushort at, ushort value)
    {
        var text = Encoding.UTF8.GetString(Samples[which % Samples.Length]);
        var colons = text.Select((letter, index) => (letter, index)).Where(x => x.letter == ':' && text[x.index - 1] == '"').ToList();
        var start = colons[at % colons.Count].index + 1;
        var end = EndOfValue(text, start);
        var body = text[..start] + Values[value % Values.Length] + text[end..];

        return WebhookBodies.Read(body).NotUnderstood.All(missed => missed.Path.Length > 0);
    }

    [Property(MaxTest = 1000)]
    public Property Statuses_survive_bad_neighbours_in_any_order()
    {
        var element = Gen.OneOf(
            Gen.Choose(0, 99).Select(i => (Wamid: (string?)$"w{i}", Json: $$"""{"id":"w{{i}}","status":"read","timestamp":"1795334402"}""")),
            Gen.Elements(Values).Select(json => (Wamid: (string?)null, Json: json)));
        return Prop.ForAll(Arb.From(Gen.ListOf(element)), elements =>
        {
            var content = WebhookBodies.Read(WebhookBodies.Messages($"\"statuses\":[{string.Join(',', elements.Select(x => x.Json))}]"));
            return content.Statuses.Select(status => status.Wamid).SequenceEqual(elements.Where(x => x.Wamid is not null).Select(x => x.Wamid!))
                && content.NotUnderstood.Count == elements.Count(x => x.Wamid is null);
        });
    }

    private static int EndOfValue(string text, int start)
    {
        var reader = new System.Text.Json.Utf8JsonReader(Encoding.UTF8.GetBytes(text[start..]), isFinalBlock: false, default);
        reader.Read();
        reader.TrySkip();
        // All samples on the wire are ASCII, so bytes are characters.
        return start + (int)reader.BytesConsumed;
    }
}
