using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Webhooks;

/// <summary>Reads one element; a reason if it could not.</summary>
internal delegate string? ElementReader(JsonElement element, Change change, ContentBuilder found);

/// <summary>Walks the lists inside a value, each element by itself.</summary>
internal static class ElementList
{
    /// <summary>Reads every element of the list with that name; false if there is no such key.</summary>
    public static bool Each(Change change, ReadOnlySpan<byte> name, ElementReader read, ContentBuilder found)
    {
        if (!MetaJson.TryGet(change.Value, name, out var list))
        {
            return false;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            Miss(change, name, null, "Not a list.", list, found);
            return true;
        }

        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            if ((element.ValueKind == JsonValueKind.Object ? read(element, change, found) : "Not an object.") is { } reason)
            {
                Miss(change, name, index, reason, element, found);
            }

            index++;
        }

        return true;
    }

    private static void Miss(
        Change change, ReadOnlySpan<byte> name, int? index, string reason, JsonElement element, ContentBuilder found)
    {
        var path = $"{change.Path}.value.{System.Text.Encoding.ASCII.GetString(name)}{(index is { } i ? $"[{i}]" : "")}";
        found.Add(new NotUnderstood(path, reason, MetaJson.Raw(element, NotUnderstood.MaxSnippet)));
    }
}
