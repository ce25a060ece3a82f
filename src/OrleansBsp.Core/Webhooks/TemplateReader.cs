using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads the template fields (reference 5.7).</summary>
internal static class TemplateReader
{
    public static string? Read(Change change, ContentBuilder found)
    {
        var value = change.Value;
        var id = MetaJson.Text(value, "message_template_id"u8);
        var name = MetaJson.Text(value, "message_template_name"u8);
        var language = MetaJson.Text(value, "message_template_language"u8)?.Replace('-', '_');
        if (id is null && name is null)
        {
            return "Neither id nor name of a template.";
        }

        // Meta's own sample of a quality change comes under the status field: the key is surer than the field.
        if (MetaJson.Text(value, "new_quality_score"u8) is { } quality)
        {
            found.Add(new TemplateEvent.QualityChanged(
                change.WabaId, id, name, language, change.At, MetaJson.Text(value, "previous_quality_score"u8), quality));
            return null;
        }

        if (MetaJson.Text(value, "new_category"u8) is { } category)
        {
            found.Add(new TemplateEvent.CategoryChanged(change.WabaId, id, name, language, change.At)
            {
                Previous = MetaJson.Text(value, "previous_category"u8),
                Current = category,
                Upcoming = MetaJson.Text(value, "correct_category"u8),
                UpcomingAt = MetaJson.Moment(value, "category_update_timestamp"u8),
            });
            return null;
        }

        if (MetaJson.Text(value, "event"u8) is { } status)
        {
            found.Add(StatusOf(change, id, name, language, status));
            return null;
        }

        if (change.Field == "message_template_components_update" || MetaJson.TryGet(value, "message_template_element"u8, out _))
        {
            var buttons = MetaJson.Child(value, "message_template_buttons"u8);
            found.Add(new TemplateEvent.ComponentsChanged(
                change.WabaId,
                id,
                name,
                language,
                change.At,
                MetaJson.Text(value, "message_template_title"u8),
                MetaJson.Text(value, "message_template_element"u8),
                MetaJson.Text(value, "message_template_footer"u8),
                buttons.ValueKind == JsonValueKind.Array ? MetaJson.Raw(buttons) : null));
            return null;
        }

        return "Nothing known about the template.";
    }

    private static TemplateEvent.StatusChanged StatusOf(Change change, string? id, string? name, string? language, string status)
    {
        var value = change.Value;
        var other = MetaJson.Child(value, "other_info"u8);

        // Meta's syntax puts it beside the value, its example inside.
        var rejection = MetaJson.TryGet(value, "rejection_info"u8, out var inside) ? inside : MetaJson.Child(change.Self, "rejection_info"u8);
        return new(change.WabaId, id, name, language, change.At)
        {
            Event = status,
            Reason = MetaJson.Text(value, "reason"u8) is { } reason and not "NONE" ? reason : null,
            Category = MetaJson.Text(value, "message_template_category"u8),
            NoteTitle = MetaJson.Text(other, "title"u8),
            Note = MetaJson.Text(other, "description"u8),
            RejectionReason = MetaJson.Text(rejection, "reason"u8),
            Recommendation = MetaJson.Text(rejection, "recommendation"u8),
            DisabledAt = MetaJson.Moment(MetaJson.Child(value, "disable_info"u8), "disable_date"u8),
        };
    }
}
