using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace OrleansBsp.Simulator.Accounts;

/// <summary>
/// The accounts, numbers and templates that exist. Lookups are lock-free; additions take one lock, so that the ordinals
/// which the ledger stores stay dense. Ordinals are never reused, also not after <see cref="Clear"/>.
/// </summary>
public sealed class World
{
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, Waba> wabas = new();
    private readonly ConcurrentDictionary<string, BusinessNumber> numbers = new();
    private readonly ConcurrentDictionary<string, Template> templates = new();
    private readonly ConcurrentDictionary<string, byte> tokens = new();
    private volatile BusinessNumber[] numberByIndex = [];
    private volatile Template[] templateByIndex = [];

    public IEnumerable<Waba> Wabas => wabas.Values.OrderBy(waba => waba.Id, StringComparer.Ordinal);

    public IEnumerable<BusinessNumber> Numbers => numbers.Values.OrderBy(number => number.Index);

    public Waba? FindWaba(string id) => wabas.GetValueOrDefault(id);

    public BusinessNumber? FindNumber(string id) => numbers.GetValueOrDefault(id);

    public Template? FindTemplate(string id) => templates.GetValueOrDefault(id);

    /// <summary>Adds an account; an existing id is replaced together with its token.</summary>
    public Waba AddWaba(string id, string accessToken, string name = "Example Retail")
    {
        var waba = new Waba { Id = id, Name = name, AccessToken = accessToken };
        wabas[id] = waba;
        tokens[accessToken] = 0;
        return waba;
    }

    /// <summary>Adds a number to an account.</summary>
    /// <param name="displayPhoneNumber">As the API shows it; webhooks carry its digits.</param>
    /// <param name="messagesPerSecond">80 is Meta's STANDARD, 1000 its HIGH, 20 coexistence; any other value works too.</param>
    public BusinessNumber AddNumber(string wabaId, string id, string displayPhoneNumber, int messagesPerSecond = 80)
    {
        var waba = FindWaba(wabaId) ?? throw new ArgumentException($"There is no WABA {wabaId} to give the number {id} to.", nameof(wabaId));
        lock (gate)
        {
            var number = new BusinessNumber
            {
                Id = id,
                Waba = waba,
                DisplayPhoneNumber = displayPhoneNumber,
                MessagesPerSecond = messagesPerSecond,
                Index = numberByIndex.Length,
            };
            numberByIndex = [.. numberByIndex, number];
            numbers[id] = number;
            return number;
        }
    }

    /// <summary>Adds a template from a definition in the shape of Meta's create call (reference 4.2); null if name and language are taken.</summary>
    public Template? AddTemplate(string wabaId, JsonObject definition, string status = "APPROVED")
    {
        var waba = FindWaba(wabaId) ?? throw new ArgumentException($"There is no WABA {wabaId} to give a template to.", nameof(wabaId));
        var components = definition["components"]?.DeepClone().AsArray() ?? [];
        lock (gate)
        {
            var template = new Template
            {
                Id = (string?)definition["id"] ?? NewTemplateId_NeedsLock(),
                Waba = waba,
                Name = (string?)definition["name"] ?? "",
                Language = (string?)definition["language"] ?? "en_US",
                Category = ((string?)definition["category"] ?? "MARKETING").ToUpperInvariant(),
                Status = status,
                ParameterFormat = ((string?)definition["parameter_format"] ?? "POSITIONAL").ToUpperInvariant(),
                Components = components,
                Shape = TemplateShape.Compile(components),
                Index = templateByIndex.Length,
            };
            if (!waba.TryAdd(template))
            {
                return null;
            }

            templateByIndex = [.. templateByIndex, template];
            templates[template.Id] = template;
            return template;
        }
    }

    /// <summary>Removes a template; messages sent with it keep their category.</summary>
    public void Remove(Template template)
    {
        template.Status = "DELETED";
        template.Waba.Remove(template);
        templates.TryRemove(template.Id, out _);
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        wabas.Clear();
        numbers.Clear();
        templates.Clear();
        tokens.Clear();
    }

    internal bool KnowsToken(string token) => tokens.ContainsKey(token);

    internal BusinessNumber NumberAt(int index) => numberByIndex[index];

    internal Template TemplateAt(int index) => templateByIndex[index];

    private string NewTemplateId_NeedsLock() => (1_689_556_908_129_832 + templateByIndex.Length).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
