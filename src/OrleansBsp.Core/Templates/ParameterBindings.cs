using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace OrleansBsp.Core.Templates;

/// <summary>A media header: an uploaded media id, or a public link that Meta fetches (reference 1.5, 1.8).</summary>
/// <param name="FileName">Shown to the recipient of a document; null for Meta's own choice.</param>
public sealed record MediaBinding(string Pointer, HeaderFormat Format, bool IsLink, Binding Source, Binding? FileName);

/// <summary>A location header. Latitude and longitude in degrees.</summary>
public sealed record LocationBinding(string Pointer, Binding Latitude, Binding Longitude, Binding? Name, Binding? Address);

/// <summary>A product header: an item of the WABA's catalogue.</summary>
public sealed record ProductBinding(string Pointer, Binding ProductRetailerId, Binding CatalogId);

/// <summary>The header's bindings: either variables of its text, or one of the other three. All empty if the header is not bound.</summary>
public sealed record HeaderBindings(
    IReadOnlyDictionary<string, Binding> Text, MediaBinding? Media, LocationBinding? Location, ProductBinding? Product)
{
    public static HeaderBindings None { get; } = new(new Dictionary<string, Binding>(), null, null, null);
}

/// <summary>One section of a multi-product message.</summary>
public sealed record SectionBinding(Binding Title, IReadOnlyList<Binding> ProductRetailerIds);

/// <summary>What a multi-product button shows: at most 10 sections and 30 products (reference 4.3).</summary>
public sealed record SectionsBinding(Binding? Thumbnail, IReadOnlyList<SectionBinding> Sections);

/// <summary>A button's parameter: one value, or the sections of a multi-product button. Exactly one of the two is not null.</summary>
public sealed record ButtonBinding(string Pointer, Binding? Value, SectionsBinding? Sections);

/// <summary>What a message and a carousel card have in common.</summary>
public sealed record PartBindings(
    string Pointer, HeaderBindings Header, IReadOnlyDictionary<string, Binding> Body, IReadOnlyDictionary<int, ButtonBinding> Buttons);

/// <summary>A campaign's <c>parameters</c>: which value goes where in its template.</summary>
/// <param name="ExpiresAt">End of a limited-time offer; null if not bound.</param>
/// <param name="Cards">Null if not bound.</param>
public sealed record ParameterBindings(PartBindings Message, Binding? ExpiresAt, IReadOnlyList<PartBindings>? Cards)
{
    /// <summary>Reads the object that the HTTP contract describes. Null, JSON null and <c>{}</c> bind nothing, which suits a template without variables.</summary>
    /// <param name="bindings">Null if there are errors.</param>
    /// <param name="errors">All that is wrong, in document order; empty if <paramref name="bindings"/> is not null.</param>
    public static bool TryParse(
        JsonElement? parameters,
        [NotNullWhen(true)] out ParameterBindings? bindings,
        out IReadOnlyList<BindingError> errors)
    {
        try
        {
            var reader = new BindingsReader();
            var read = reader.Read(parameters ?? default);
            errors = reader.Errors;
            bindings = errors.Count == 0 ? read : null;
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's only answer to half a surrogate pair written as an escape: JSON, but no text. It may
            // stand in any key or value, so it is caught here once; a client's bad input must not become a 500.
            errors = [new BindingError("", BindingErrorCodes.BadText,
                "A text in \"parameters\" holds half of a surrogate pair (\\uD800 to \\uDFFF). Send whole characters.")];
            bindings = null;
        }

        return bindings is not null;
    }
}
