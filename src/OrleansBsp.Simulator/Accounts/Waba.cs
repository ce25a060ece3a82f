using System.Collections.Concurrent;

namespace OrleansBsp.Simulator.Accounts;

/// <summary>A WhatsApp Business Account with what hangs below it.</summary>
public sealed class Waba
{
    private readonly ConcurrentDictionary<(string Name, string Language), Template> templates = new();

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The bearer token that may use this account. Several accounts may share one.</summary>
    public required string AccessToken { get; init; }

    /// <summary>Billing currency. Default USD.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>Whether the app is subscribed; without it no webhook of this account is sent. Default true, to spare tests the call.</summary>
    public bool Subscribed { get; set; } = true;

    /// <summary>Callback that replaces the app's, set by <c>subscribed_apps</c> with <c>override_callback_uri</c>.</summary>
    public string? OverrideCallback { get; set; }

    /// <summary>Templates in order of creation.</summary>
    public IEnumerable<Template> Templates => templates.Values.OrderBy(template => template.Index);

    /// <summary>The template of this name and language, whatever its status.</summary>
    public Template? FindTemplate(string name, string language) => templates.GetValueOrDefault((name, language));

    internal bool TryAdd(Template template) => templates.TryAdd((template.Name, template.Language), template);

    internal bool Remove(Template template) => templates.TryRemove((template.Name, template.Language), out _);
}
