using System.Globalization;

namespace OrleansBsp.Core.Templates;

/// <summary>Plans the buttons of a message or card: one component per button that takes a parameter (reference 1.8).</summary>
/// <param name="passcodeSlot">The slot of an authentication template's code in the body; -1 for none.</param>
internal sealed class ButtonPlanner(
    PlanContext context, IReadOnlyList<TemplateButton> buttons, PartBindings bindings, int passcodeSlot, string where)
{
    /// <param name="slots">Receives each button's slot number; stays -1 where there is none.</param>
    public void Write(int[] slots)
    {
        foreach (var (index, binding) in bindings.Buttons)
        {
            if (index >= buttons.Count)
            {
                context.Error(binding.Pointer, BindingErrorCodes.UnknownVariable,
                    $"{Label(index)} does not exist: {(buttons.Count == 0 ? "there are no buttons" : $"there are {buttons.Count}, counted from 0")}. Remove this binding.");
            }
        }

        foreach (var button in buttons)
        {
            slots[button.Index] = Write(button, bindings.Buttons.GetValueOrDefault(button.Index));
        }
    }

    private int Write(TemplateButton button, ButtonBinding? bound)
    {
        if (bound is not null && button.Need == ParameterNeed.None)
        {
            context.Error(bound.Pointer, BindingErrorCodes.UnknownVariable, $"{Label(button)} takes no parameter. Remove this binding.");
            return -1;
        }

        if (bound is null && button.Need == ParameterNeed.Required)
        {
            context.Error($"{bindings.Pointer}/buttons/{button.Index}", BindingErrorCodes.MissingBinding,
                $"{Label(button)} has no binding. Add \"{button.Index}\": {{\"column\": …}} or {{\"value\": …}} to \"buttons\".");
            return -1;
        }

        if (bound is not null && (bound.Sections is not null) != (button.Kind == ButtonKind.Mpm))
        {
            context.Error(bound.Pointer, BindingErrorCodes.BadBinding, button.Kind == ButtonKind.Mpm
                ? $"{Label(button)} needs {{\"thumbnail\": …, \"sections\": [{{\"title\": …, \"products\": […]}}]}}."
                : $"{Label(button)} takes one value, not sections of products. Give {{\"column\": …}} or {{\"value\": …}}.");
            return -1;
        }

        return WriteKind(button, bound);
    }

    private int WriteKind(TemplateButton button, ButtonBinding? bound) => button.Kind switch
    {
        ButtonKind.Url => Simple(button, bound, "url", "text", "text", ValueRule.UrlPart, ValueRules.LongestUrl - UrlLength(button.Url)),
        ButtonKind.Otp => Passcode(button, bound),
        ButtonKind.QuickReply => Simple(button, bound, "quick_reply", "payload", "payload", ValueRule.Text, ValueRules.LongestPayload),
        ButtonKind.VoiceCall => Simple(button, bound, "voice_call", "payload", "payload", ValueRule.Text, ValueRules.LongestPayload),
        ButtonKind.CopyCode => Simple(button, bound, "copy_code", "coupon_code", "coupon_code", ValueRule.CouponCode, ValueRules.LongestCode),
        ButtonKind.Flow => Flow(button, bound),
        ButtonKind.Catalog => Catalog(button, bound),
        ButtonKind.Mpm => Sections(button, bound),
        ButtonKind.PhoneNumber or ButtonKind.Spm or ButtonKind.RequestContactInfo or ButtonKind.Unknown => -1,
    };

    private int Simple(TemplateButton button, ButtonBinding? bound, string subType, string type, string property, ValueRule rule, int maxLength) =>
        bound?.Value is { } value ? Simple(button, value, subType, type, property, rule, maxLength) : -1;

    private int Simple(TemplateButton button, Binding value, string subType, string type, string property, ValueRule rule, int maxLength)
    {
        Begin(button, subType, type);
        var slot = context.AddText(property, value, Label(button), rule, maxLength);
        context.Writer.EndParameter();
        return slot;
    }

    /// <summary>The same code as in the body unless bound apart: Meta wants it twice.</summary>
    private int Passcode(TemplateButton button, ButtonBinding? bound)
    {
        if (bound?.Value is { } own)
        {
            return Simple(button, own, "url", "text", "text", ValueRule.Passcode, ValueRules.LongestCode);
        }

        if (passcodeSlot >= 0)
        {
            Begin(button, "url", "text");
            context.Writer.Text("text", context.Slots[passcodeSlot], passcodeSlot);
            context.Writer.EndParameter();
        }

        return passcodeSlot; // -1 only if the body's code is not bound, which is reported there
    }

    /// <summary>Always written, because Meta asks for it; "unused" is its own default for the token.</summary>
    private int Flow(TemplateButton button, ButtonBinding? bound)
    {
        Begin(button, "flow", "action");
        context.Writer.Json.WriteStartObject("action");
        var slot = -1;
        if (bound?.Value is { } token)
        {
            slot = context.AddText("flow_token", token, Label(button));
        }
        else
        {
            context.Writer.Json.WriteString("flow_token", "unused");
        }

        context.Writer.Json.WriteEndObject();
        context.Writer.EndParameter();
        return slot;
    }

    private int Catalog(TemplateButton button, ButtonBinding? bound)
    {
        if (bound?.Value is not { } thumbnail)
        {
            return -1;
        }

        Begin(button, "catalog", "action");
        context.Writer.Json.WriteStartObject("action");
        var slot = context.AddText("thumbnail_product_retailer_id", thumbnail, Label(button));
        context.Writer.Json.WriteEndObject();
        context.Writer.EndParameter();
        return slot;
    }

    private int Sections(TemplateButton button, ButtonBinding? bound)
    {
        var shown = bound!.Sections!;
        var json = context.Writer.Json;
        Begin(button, "mpm", "action");
        json.WriteStartObject("action");
        // Meta wants a thumbnail; the first product is what people would choose anyway.
        var slot = context.AddText("thumbnail_product_retailer_id", shown.Thumbnail ?? shown.Sections[0].ProductRetailerIds[0], $"{Label(button)} thumbnail");
        json.WriteStartArray("sections");
        foreach (var section in shown.Sections)
        {
            json.WriteStartObject();
            context.AddText("title", section.Title, $"{Label(button)} section title");
            json.WriteStartArray("product_items");
            foreach (var product in section.ProductRetailerIds)
            {
                json.WriteStartObject();
                context.AddText("product_retailer_id", product, $"{Label(button)} product");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        context.Writer.EndParameter();
        return slot;
    }

    private void Begin(TemplateButton button, string subType, string parameterType)
    {
        context.Writer.BeginComponent("button");
        context.Writer.Json.WriteString("sub_type", subType);
        context.Writer.Json.WriteString("index", button.Index.ToString(CultureInfo.InvariantCulture));
        context.Writer.BeginParameter(parameterType);
    }

    private static int UrlLength(string? url)
    {
        var open = url?.IndexOf("{{", StringComparison.Ordinal) ?? -1;
        return open < 0 ? 0 : open;
    }

    private string Label(int index) => where.Length > 0 ? $"{where}button {index}" : $"Button {index}";

    private string Label(TemplateButton button) => button.Label.Length > 0 ? $"{Label(button.Index)} \"{button.Label}\"" : Label(button.Index);
}
