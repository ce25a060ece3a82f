using System.Collections.Frozen;
using System.Text.Json;
using OrleansBsp.Core.Templates;

namespace OrleansBsp.Core.Conversations;

/// <summary>A single message's <c>template</c> against the template itself: what Meta would answer with 132000, 132001, 132012, 132015 or 132016.</summary>
public static class SentTemplate
{
    /// <summary>Meta's states of a template that is not sent (reference 4.6). A word that is not here may be one of a webhook (FLAGGED) or a new one.</summary>
    private static readonly FrozenSet<string> Unsent = FrozenSet.Create(
        "IN_APPEAL", "PENDING", "REJECTED", "PENDING_DELETION", "DELETED", "DISABLED", "PAUSED", "LIMIT_EXCEEDED", "ARCHIVED");

    /// <summary>Empty if Meta may take it. Only what can be counted is checked: the state, the variables of header and body, and that a media header has its media.</summary>
    /// <param name="content">The field <c>template</c> of a message that <see cref="MessageContent.Check"/> accepts.</param>
    public static IReadOnlyList<MessageProblem> Check(TemplateDefinition template, JsonElement content)
    {
        if (Unsent.Contains(template.Status))
        {
            return [new("/template", "template-not-approved",
                $"Template \"{template.Name}\" ({template.Language}) is {template.Status}, and Meta sends only APPROVED ones. Wait for Meta's approval, or choose another template.")];
        }

        // What is not understood here may still be sent by who knows it better.
        if (template.Problems.Count > 0)
        {
            return [];
        }

        var components = content.ElementOrDefault("components").Items();
        List<MessageProblem> problems = [];
        Count("body", template.Message.Body?.Variables.Count ?? 0);
        if (template.Message.Header.Format == HeaderFormat.Text)
        {
            Count("header", template.Message.Header.Text!.Variables.Count);
        }
        else if (template.Message.Header.IsMedia && Given("header") == 0)
        {
            Add($"has a header with {(template.Message.Header.Format == HeaderFormat.Image ? "an" : "a")} {template.Message.Header.Format.ToString().ToLowerInvariant()}, which each message must give. Add a component of type header with it.");
        }

        return problems;

        int Given(string part) => components
            .Where(component => string.Equals(component.StringOrNull("type"), part, StringComparison.OrdinalIgnoreCase))
            .Sum(component => component.ElementOrDefault("parameters").Items().Length);

        void Count(string part, int variables)
        {
            if (Given(part) is var given && given != variables)
            {
                Add($"has {variables} {(variables == 1 ? "variable" : "variables")} in its {part}, but the message gives {given}. Give a component of type {part} with one parameter for each.");
            }
        }

        void Add(string complaint) =>
            problems.Add(new MessageProblem("/template/components", "template-parameters", $"Template \"{template.Name}\" ({template.Language}) {complaint}"));
    }
}
