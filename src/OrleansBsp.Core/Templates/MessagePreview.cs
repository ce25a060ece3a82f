namespace OrleansBsp.Core.Templates;

/// <summary>A button as its recipient would see it.</summary>
/// <param name="Value">The whole URL, the code or the payload behind it; null where there is none.</param>
public sealed record ButtonPreview(ButtonKind Kind, string Label, string? Value);

/// <summary>Header, body and buttons with the row's values. A value that is missing shows as its variable, <c>{{1}}</c>.</summary>
/// <param name="HeaderText">Null unless the header is a text.</param>
/// <param name="HeaderValue">Link, media id, location name or product of another header; null where there is none.</param>
public sealed record PartPreview(
    HeaderFormat HeaderFormat, string? HeaderText, string? HeaderValue, string? Body, IReadOnlyList<ButtonPreview> Buttons)
{
    internal static PartPreview Of(PartPlan plan, string[] values) => new(
        plan.Parts.Header.Format,
        plan.Header?.Fill(values),
        plan.HeaderSlot < 0 ? null : values[plan.HeaderSlot],
        plan.Body?.Fill(values),
        [.. plan.Parts.Buttons.Select(button => Of(button, plan.ButtonSlots[button.Index], values))]);

    private static ButtonPreview Of(TemplateButton button, int slot, string[] values)
    {
        if (slot < 0)
        {
            return new ButtonPreview(button.Kind, button.Label, button.Url);
        }

        var variable = button.Kind == ButtonKind.Url ? button.Url!.IndexOf("{{", StringComparison.Ordinal) : -1;
        return new ButtonPreview(button.Kind, button.Label, variable < 0 ? values[slot] : string.Concat(button.Url.AsSpan(0, variable), values[slot]));
    }
}

/// <summary>A message as its recipient would see it.</summary>
/// <param name="Footer">Null if the template has none.</param>
/// <param name="Cards">Empty unless the template is a carousel.</param>
/// <param name="Problems">Why the row would be refused, all reasons; empty if it would be sent.</param>
public sealed record MessagePreview(
    PartPreview Message, string? Footer, IReadOnlyList<PartPreview> Cards, IReadOnlyList<RowProblem> Problems);
