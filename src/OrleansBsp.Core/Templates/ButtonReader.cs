using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>Reads the buttons of a message or card and decides which of them take a parameter (reference 1.8, 4.3).</summary>
internal static class ButtonReader
{
    public static IReadOnlyList<TemplateButton> Read(
        JsonElement[] buttons, string pointer, TemplateCategory category, List<TemplateProblem> problems)
    {
        var read = new List<TemplateButton>(buttons.Length);
        for (var i = 0; i < buttons.Length; i++)
        {
            var type = buttons[i].StringOrNull("type")?.ToUpperInvariant() ?? "(none)";
            var url = buttons[i].StringOrNull("url");
            var kind = KindOf(type, category);
            if (kind == ButtonKind.Unknown)
            {
                problems.Add(new TemplateProblem($"{pointer}/{i}", "unknown-button",
                    $"Button type \"{type}\" is not known to this version, so the template cannot be sent. Choose another template."));
            }

            read.Add(new TemplateButton(i, kind, buttons[i].StringOrNull("text") ?? "", url, NeedOf(kind, url)));
        }

        return read;
    }

    private static ButtonKind KindOf(string type, TemplateCategory category) => type switch
    {
        "QUICK_REPLY" => ButtonKind.QuickReply,
        // The passcode button comes back from Meta as a URL button of an authentication template.
        "URL" => category == TemplateCategory.Authentication ? ButtonKind.Otp : ButtonKind.Url,
        "OTP" => ButtonKind.Otp,
        "PHONE_NUMBER" => ButtonKind.PhoneNumber,
        "COPY_CODE" => ButtonKind.CopyCode,
        "FLOW" => ButtonKind.Flow,
        "CATALOG" => ButtonKind.Catalog,
        "MPM" => ButtonKind.Mpm,
        "SPM" => ButtonKind.Spm,
        "VOICE_CALL" => ButtonKind.VoiceCall,
        "REQUEST_CONTACT_INFO" => ButtonKind.RequestContactInfo,
        _ => ButtonKind.Unknown,
    };

    private static ParameterNeed NeedOf(ButtonKind kind, string? url) => kind switch
    {
        ButtonKind.Url => url is not null && url.Contains("{{", StringComparison.Ordinal) ? ParameterNeed.Required : ParameterNeed.None,
        ButtonKind.CopyCode or ButtonKind.Mpm => ParameterNeed.Required,
        // Without a payload the reply carries the label; without a flow token Meta's own "unused"; without a thumbnail
        // the catalog's first product; and the passcode button repeats the body's code.
        ButtonKind.QuickReply or ButtonKind.Flow or ButtonKind.Catalog or ButtonKind.VoiceCall or ButtonKind.Otp => ParameterNeed.Optional,
        ButtonKind.PhoneNumber or ButtonKind.Spm or ButtonKind.RequestContactInfo or ButtonKind.Unknown => ParameterNeed.None,
    };
}
