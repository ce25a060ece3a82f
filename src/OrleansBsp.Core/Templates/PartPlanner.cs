namespace OrleansBsp.Core.Templates;

/// <summary>Plans what a message and a carousel card have in common: header, body, buttons (reference 1.8).</summary>
/// <param name="where">Begins each complaint about a card, such as <c>Card 0, </c>; empty for the message itself.</param>
internal sealed class PartPlanner(PlanContext context, TemplateParts parts, PartBindings bindings, string where)
{
    private readonly int[] _buttonSlots = [.. parts.Buttons.Select(_ => -1)];

    private FilledText? _header;
    private FilledText? _body;
    private int _headerSlot = -1;

    /// <summary>Writes header and body. Buttons come apart: in a message the offer and the carousel stand between them.</summary>
    public void WriteHeaderAndBody()
    {
        WriteHeader();
        WriteBody();
    }

    public PartPlan WriteButtons()
    {
        var passcodeSlot = _body is { Slots: [var code, ..] } ? code : -1;
        new ButtonPlanner(context, parts.Buttons, bindings, passcodeSlot, where).Write(_buttonSlots);
        return new PartPlan(parts, _header, _headerSlot, _body, _buttonSlots);
    }

    private void WriteHeader()
    {
        if (parts.Header.Format != HeaderFormat.Text)
        {
            _headerSlot = new HeaderPlanner(context, parts.Header.Format, bindings, where).Write();
        }
        else if (!HeaderPlanner.RefuseOthers(context, parts.Header.Format, bindings, where))
        {
            _header = WriteText("header", parts.Header.Text!, bindings.Header.Text, 60, ValueRule.Text, ValueRules.Unlimited);
        }
    }

    private void WriteBody()
    {
        if (parts.Body is null)
        {
            RefuseUnknown("body", [], bindings.Body);
            return;
        }

        var isPasscode = context.Template.Category == TemplateCategory.Authentication;
        _body = WriteText("body", parts.Body, bindings.Body, parts.BodyLimit,
            isPasscode ? ValueRule.Passcode : ValueRule.Text, isPasscode ? ValueRules.LongestCode : ValueRules.Unlimited);
    }

    private FilledText? WriteText(
        string component, TemplateText text, IReadOnlyDictionary<string, Binding> bound, int limit, ValueRule rule, int maxLength)
    {
        RefuseUnknown(component, text.Variables, bound);
        if (text.Variables.Count == 0)
        {
            return new FilledText($"{bindings.Pointer}/{component}", "", text, [], limit);
        }

        var writer = context.Writer;
        var slots = new List<int>();
        writer.BeginComponent(component);
        writer.Json.WriteStartArray("parameters");
        foreach (var variable in text.Variables)
        {
            if (!bound.TryGetValue(variable, out var binding))
            {
                context.Error(BindingReader.Join($"{bindings.Pointer}/{component}", variable), BindingErrorCodes.MissingBinding,
                    $"{Label(component, variable)} has no binding. Add \"{variable}\": {{\"column\": …}} or {{\"value\": …}} to \"{component}\".");
                continue;
            }

            writer.Json.WriteStartObject();
            writer.Json.WriteString("type", "text");
            if (context.Template.Format == ParameterFormat.Named)
            {
                writer.Json.WriteString("parameter_name", variable);
            }

            slots.Add(context.AddText("text", binding, Label(component, variable), rule, maxLength));
            writer.Json.WriteEndObject();
        }

        writer.Json.WriteEndArray();
        writer.Json.WriteEndObject();
        if (slots.Count < text.Variables.Count)
        {
            return null;
        }

        var filled = new FilledText($"{bindings.Pointer}/{component}", LabelOf(component), text, [.. slots], limit);
        context.Texts.Add(filled);
        return filled;
    }

    private void RefuseUnknown(string component, IReadOnlyList<string> variables, IReadOnlyDictionary<string, Binding> bound)
    {
        foreach (var (name, binding) in bound)
        {
            if (!variables.Contains(name))
            {
                var known = variables.Count == 0 ? "no variables" : string.Join(", ", variables.Select(variable => $"{{{{{variable}}}}}"));
                context.Error(binding.Pointer, BindingErrorCodes.UnknownVariable,
                    $"{LabelOf(component)} of template \"{context.Template.Name}\" has no variable {{{{{name}}}}}; it has {known}. Remove this binding.");
            }
        }
    }

    private string Label(string component, string variable) => $"{LabelOf(component)} variable {{{{{variable}}}}}";

    private string LabelOf(string component) => where.Length > 0 ? where + component : component == "body" ? "Body" : "Header";
}
