using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansBsp.Core.Tests.Templates;

/// <summary>JSON of the right words in the wrong places: what a changed API or a careless client sends.</summary>
public sealed record AnyJson(string Text)
{
    private static readonly string[] Keys =
        ["type", "format", "text", "buttons", "cards", "components", "url", "limited_time_offer", "has_expiration",
         "header", "body", "limitedTimeOffer", "expiresAt", "0", "1", "image", "location", "product", "link", "mediaId", "latitude",
         "column", "value", "fallback", "sections", "title", "products"];

    private static readonly string[] Texts =
        ["HEADER", "BODY", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "TEXT", "IMAGE", "PRODUCT", "URL", "MPM", "OTP", "FLOW", "QUICK_REPLY",
         "{{1}}", "Hi {{2}} and {{1}}", "{{", "}}", "{{name}}", "", "1795939200000", "https://x.example/{{1}}"];

    public static Arbitrary<AnyJson> Arbitrary() =>
        Node(3).Select(node => new AnyJson(node?.ToJsonString() ?? "null")).ToArbitrary();

    private static Gen<JsonNode?> Node(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Elements(Texts).Select(text => (JsonNode?)JsonValue.Create(text)),
            Gen.Elements<JsonNode?>([null]),
            Gen.Choose(-1, 2).Select(number => (JsonNode?)JsonValue.Create(number)),
            Gen.Elements(true, false).Select(flag => (JsonNode?)JsonValue.Create(flag)));
        if (depth == 0)
        {
            return leaf;
        }

        var list = Node(depth - 1).ListOf(3).Select(items => (JsonNode?)new JsonArray([.. items]));
        var members = Gen.Elements(Keys).SelectMany(key => Node(depth - 1).Select(value => (key, value))).ListOf(4);
        var objects = members.Select(pairs =>
            (JsonNode?)new JsonObject(pairs.DistinctBy(pair => pair.key).Select(pair => KeyValuePair.Create(pair.key, pair.value))));
        return Gen.Frequency((1, leaf), (3, list), (6, objects));
    }
}
