using System.Globalization;

namespace OrleansBsp.Load.Rig;

/// <summary>The account that the load runs on: one WABA, numbers at Meta's highest throughput, one template with two variables.</summary>
internal static class World
{
    public const string WabaId = "500000000000001";
    public const string AccessToken = "load-token";
    public const string TemplateName = "course_offer";
    public const int MessagesPerSecond = 1000;

    public static object Parameters => new { body = new Dictionary<string, object> { ["1"] = new { column = "name" }, ["2"] = new { column = "course" } } };

    public static string NumberId(int index) => (600_000_000_000_001 + index).ToString(CultureInfo.InvariantCulture);

    /// <summary>For the simulator's control API.</summary>
    public static object Describe(int numbers) => new
    {
        wabas = new[]
        {
            new
            {
                id = WabaId, accessToken = AccessToken, name = "Load",
                numbers = Enumerable.Range(0, numbers).Select(i => new { id = NumberId(i), displayPhoneNumber = $"+91 88000 {10000 + i}", messagesPerSecond = MessagesPerSecond }),
                templates = new[]
                {
                    new
                    {
                        name = TemplateName, language = "en", category = "MARKETING",
                        components = new[]
                        {
                            new
                            {
                                type = "BODY", text = "Hello {{1}}, the course {{2}} starts on Sunday. Reply to keep your seat.",
                                example = new { body_text = new[] { new[] { "Asha", "Algebra" } } },
                            },
                        },
                    },
                },
            },
        },
    };

    /// <summary>Meta's template object for one recipient, for single sends.</summary>
    public static object Template(string name, string course) => new
    {
        name = TemplateName, language = new { code = "en" },
        components = new[] { new { type = "body", parameters = new[] { new { type = "text", text = name }, new { type = "text", text = course } } } },
    };
}
