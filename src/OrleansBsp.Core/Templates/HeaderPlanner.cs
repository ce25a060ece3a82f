namespace OrleansBsp.Core.Templates;

/// <summary>Plans a header that is not a text: media, location, product, or none (reference 1.8).</summary>
internal sealed class HeaderPlanner(PlanContext context, HeaderFormat format, PartBindings bindings, string where)
{
    private string Label => LabelOf(where);

    /// <returns>The number of the slot to show in a preview; -1 for none.</returns>
    public int Write()
    {
        if (RefuseOthers(context, format, bindings, where))
        {
            return -1;
        }

        return format switch
        {
            HeaderFormat.Image or HeaderFormat.Video or HeaderFormat.Document =>
                bindings.Header.Media is { } media ? WriteMedia(media) : Missing("{\"mediaId\": …} or {\"link\": …}"),
            HeaderFormat.Location =>
                bindings.Header.Location is { } location ? WriteLocation(location) : Missing("{\"latitude\": …, \"longitude\": …}"),
            HeaderFormat.Product =>
                bindings.Header.Product is { } product ? WriteProduct(product) : Missing("{\"productRetailerId\": …, \"catalogId\": …}"),
            HeaderFormat.None or HeaderFormat.Text or HeaderFormat.Gif or HeaderFormat.Unknown => -1,
        };
    }

    /// <summary>Reports bindings of another kind of header than the template has.</summary>
    /// <returns>True if there were any; that the right one is missing then goes without saying.</returns>
    public static bool RefuseOthers(PlanContext context, HeaderFormat format, PartBindings bindings, string where)
    {
        var header = bindings.Header;
        (HeaderFormat Format, string Pointer)?[] bound =
        [
            header.Media is { } media ? (media.Format, media.Pointer) : null,
            header.Location is { } location ? (HeaderFormat.Location, location.Pointer) : null,
            header.Product is { } product ? (HeaderFormat.Product, product.Pointer) : null,
            .. header.Text.Values.Select(binding => ((HeaderFormat, string)?)(HeaderFormat.Text, binding.Pointer)),
        ];
        var refused = false;
        foreach (var found in bound)
        {
            if (found is var (kind, pointer) && kind != format)
            {
                var (code, has, remedy) = format == HeaderFormat.None
                    ? (BindingErrorCodes.UnknownVariable, "no header", "Remove the binding.")
                    : (BindingErrorCodes.WrongHeader, $"{Name(format)} header", $"Bind {Name(format)} instead.");
                context.Error(pointer, code,
                    $"{LabelOf(where)}: template \"{context.Template.Name}\" has {has}, but {Name(kind)} is bound. {remedy}");
                refused = true;
            }
        }

        return refused;
    }

    private int WriteMedia(MediaBinding media)
    {
        var kind = Kind(media.Format);
        context.Writer.BeginComponent("header");
        context.Writer.BeginParameter(kind);
        context.Writer.Json.WriteStartObject(kind);
        var slot = media.IsLink
            ? context.AddText("link", media.Source, $"{Label} {kind} link", ValueRule.Link, ValueRules.LongestUrl)
            : context.AddText("id", media.Source, $"{Label} {kind} media id");
        if (media.FileName is not null)
        {
            context.AddText("filename", media.FileName, $"{Label} file name");
        }

        context.Writer.Json.WriteEndObject();
        context.Writer.EndParameter();
        return slot;
    }

    private int WriteLocation(LocationBinding location)
    {
        context.Writer.BeginComponent("header");
        context.Writer.BeginParameter("location");
        context.Writer.Json.WriteStartObject("location");
        // Strings, as in Meta's samples.
        context.AddText("latitude", location.Latitude, $"{Label} latitude", ValueRule.Latitude);
        context.AddText("longitude", location.Longitude, $"{Label} longitude", ValueRule.Longitude);
        var slot = location.Name is null ? -1 : context.AddText("name", location.Name, $"{Label} location name");
        if (location.Address is not null)
        {
            context.AddText("address", location.Address, $"{Label} location address");
        }

        context.Writer.Json.WriteEndObject();
        context.Writer.EndParameter();
        return slot;
    }

    private int WriteProduct(ProductBinding product)
    {
        context.Writer.BeginComponent("header");
        context.Writer.BeginParameter("product");
        context.Writer.Json.WriteStartObject("product");
        var slot = context.AddText("product_retailer_id", product.ProductRetailerId, $"{Label} product");
        context.AddText("catalog_id", product.CatalogId, $"{Label} catalogue");
        context.Writer.Json.WriteEndObject();
        context.Writer.EndParameter();
        return slot;
    }

    private int Missing(string shape)
    {
        context.Error($"{bindings.Pointer}/header/{Kind(format)}", BindingErrorCodes.MissingBinding,
            $"{Label}: template \"{context.Template.Name}\" has {Name(format)} header, which every send must supply. Add \"{Kind(format)}\": {shape} to \"header\".");
        return -1;
    }

    private static string LabelOf(string where) => where.Length > 0 ? where + "header" : "Header";

    private static string Kind(HeaderFormat format) => format.ToString().ToLowerInvariant();

    private static string Name(HeaderFormat format) => format == HeaderFormat.Image ? "an image" : $"a {Kind(format)}";
}
