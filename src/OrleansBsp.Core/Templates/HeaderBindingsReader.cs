using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>Reads <c>header</c>: variables of a text, one media object, a location or a product.</summary>
internal sealed class HeaderBindingsReader(BindingReader bindings)
{
    public HeaderBindings Read(JsonElement element, string pointer)
    {
        var text = new Dictionary<string, Binding>(StringComparer.Ordinal);
        var header = new HeaderBindings(text, null, null, null);
        var kinds = new List<string>();
        foreach (var member in bindings.Members(element, pointer, "\"header\""))
        {
            var at = BindingReader.Join(pointer, member.Name);
            var kind = LooksLikeBinding(member.Value) ? null : member.Name;
            switch (kind)
            {
                case "image":
                    header = header with { Media = ReadMedia(member.Value, at, HeaderFormat.Image) };
                    break;
                case "video":
                    header = header with { Media = ReadMedia(member.Value, at, HeaderFormat.Video) };
                    break;
                case "document":
                    header = header with { Media = ReadMedia(member.Value, at, HeaderFormat.Document) };
                    break;
                case "location":
                    header = header with { Location = ReadLocation(member.Value, at) };
                    break;
                case "product":
                    header = header with { Product = ReadProduct(member.Value, at) };
                    break;
                default:
                    if (bindings.Read(member.Value, at) is { } binding)
                    {
                        text.Add(member.Name, binding);
                    }

                    continue;
            }

            kinds.Add(member.Name);
        }

        if (kinds.Count > 1 || (kinds.Count == 1 && text.Count > 0))
        {
            bindings.Error(pointer, BindingErrorCodes.BadHeader,
                $"The header is bound as {string.Join(" and ", kinds.Concat(text.Keys))}, but it can be only one of them. Keep the one that the template has.");
        }

        return header;
    }

    /// <summary>Tells a named variable that happens to be called "location" or "image" from a location or an image.</summary>
    private static bool LooksLikeBinding(JsonElement element) =>
        element.ElementOrDefault("column").ValueKind != JsonValueKind.Undefined
        || element.ElementOrDefault("value").ValueKind != JsonValueKind.Undefined;

    private MediaBinding? ReadMedia(JsonElement element, string pointer, HeaderFormat format)
    {
        var before = bindings.Errors.Count;
        var read = ReadFields(element, pointer, $"\"{Name(format)}\"", format == HeaderFormat.Document ? ["link", "mediaId", "filename"] : ["link", "mediaId"]);
        var link = read.GetValueOrDefault("link");
        var mediaId = read.GetValueOrDefault("mediaId");
        if (bindings.Errors.Count > before)
        {
            return null;
        }

        if ((link is null) == (mediaId is null))
        {
            bindings.Error(pointer, BindingErrorCodes.BadHeader,
                $"\"{Name(format)}\" has {(link is null ? "neither \"link\" nor \"mediaId\". Give" : "both \"link\" and \"mediaId\". Keep")} one of them.");
            return null;
        }

        return new MediaBinding(pointer, format, link is not null, link ?? mediaId!, read.GetValueOrDefault("filename"));
    }

    private LocationBinding? ReadLocation(JsonElement element, string pointer)
    {
        var read = ReadRequired(element, pointer, "\"location\"", ["latitude", "longitude"], ["name", "address"]);
        return read is null ? null : new LocationBinding(
            pointer, read["latitude"], read["longitude"], read.GetValueOrDefault("name"), read.GetValueOrDefault("address"));
    }

    private ProductBinding? ReadProduct(JsonElement element, string pointer)
    {
        var read = ReadRequired(element, pointer, "\"product\"", ["productRetailerId", "catalogId"], []);
        return read is null ? null : new ProductBinding(pointer, read["productRetailerId"], read["catalogId"]);
    }

    private Dictionary<string, Binding>? ReadRequired(JsonElement element, string pointer, string what, string[] required, string[] optional)
    {
        var before = bindings.Errors.Count;
        var read = ReadFields(element, pointer, what, [.. required, .. optional]);
        if (bindings.Errors.Count > before)
        {
            return null;
        }

        var missing = required.Where(key => !read.ContainsKey(key)).Select(key => $"\"{key}\"").ToList();
        if (missing.Count == 0)
        {
            return read;
        }

        bindings.Error(pointer, BindingErrorCodes.BadHeader,
            $"{what} has no {string.Join(" and no ", missing)}. Bind {(missing.Count == 1 ? "it" : "them")} to a column or a value.");
        return null;
    }

    private Dictionary<string, Binding> ReadFields(JsonElement element, string pointer, string what, string[] known)
    {
        var read = new Dictionary<string, Binding>(StringComparer.Ordinal);
        foreach (var member in bindings.Members(element, pointer, what))
        {
            if (!known.Contains(member.Name))
            {
                bindings.Unknown(pointer, member.Name, what, string.Join(", ", known));
            }
            else if (bindings.ReadOrConstant(member.Value, BindingReader.Join(pointer, member.Name)) is { } binding)
            {
                read.Add(member.Name, binding);
            }
        }

        return read;
    }

    private static string Name(HeaderFormat format) => format.ToString().ToLowerInvariant();
}
