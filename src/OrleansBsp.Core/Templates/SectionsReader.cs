using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>
/// Reads the parameter of a multi-product button:
/// <c>{"thumbnail": binding, "sections": [{"title": binding, "products": [binding, …]}]}</c>.
/// </summary>
internal sealed class SectionsReader(BindingReader bindings)
{
    private const int MostSections = 10;
    private const int MostProducts = 30;

    public SectionsBinding Read(JsonElement element, string pointer)
    {
        Binding? thumbnail = null;
        var sections = new List<SectionBinding>();
        foreach (var member in bindings.Members(element, pointer, "A multi-product button"))
        {
            switch (member.Name)
            {
                case "thumbnail":
                    thumbnail = bindings.ReadOrConstant(member.Value, $"{pointer}/thumbnail");
                    break;
                case "sections":
                    ReadSections(member.Value, $"{pointer}/sections", sections);
                    break;
                default:
                    bindings.Unknown(pointer, member.Name, "A multi-product button", "thumbnail, sections");
                    break;
            }
        }

        return new SectionsBinding(thumbnail, sections);
    }

    private void ReadSections(JsonElement element, string pointer, List<SectionBinding> sections)
    {
        var before = bindings.Errors.Count;
        foreach (var item in Array(element, pointer))
        {
            if (ReadSection(item, $"{pointer}/{sections.Count}") is not { } section)
            {
                return; // one broken section is enough: the rest would be counted wrong
            }

            sections.Add(section);
        }

        var products = sections.Sum(section => section.ProductRetailerIds.Count);
        if (bindings.Errors.Count == before && (sections.Count is 0 or > MostSections || products is 0 or > MostProducts))
        {
            bindings.Error(pointer, BindingErrorCodes.BadBinding,
                $"There are {sections.Count} sections with {products} products. Meta takes 1 to {MostSections} sections with 1 to {MostProducts} products in all.");
        }
    }

    private SectionBinding? ReadSection(JsonElement element, string pointer)
    {
        Binding? title = null;
        var products = new List<Binding>();
        foreach (var member in bindings.Members(element, pointer, "A section"))
        {
            switch (member.Name)
            {
                case "title":
                    title = bindings.ReadOrConstant(member.Value, $"{pointer}/title");
                    break;
                case "products":
                    foreach (var item in Array(member.Value, $"{pointer}/products"))
                    {
                        if (bindings.ReadOrConstant(item, $"{pointer}/products/{products.Count}") is { } product)
                        {
                            products.Add(product);
                        }
                    }

                    break;
                default:
                    bindings.Unknown(pointer, member.Name, "A section", "title, products");
                    break;
            }
        }

        if (title is null || products.Count == 0)
        {
            bindings.Error(pointer, BindingErrorCodes.BadBinding, "A section needs a \"title\" and at least one of \"products\".");
            return null;
        }

        return new SectionBinding(title, products);
    }

    private JsonElement[] Array(JsonElement element, string pointer)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            bindings.Error(pointer, BindingErrorCodes.WrongType, $"This must be an array, but is {BindingReader.Describe(element)}.");
        }

        return element.Items();
    }
}
