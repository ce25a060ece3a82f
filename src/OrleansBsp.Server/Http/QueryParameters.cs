using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Metadata;

namespace OrleansBsp.Server.Http;

/// <summary>A query parameter, as the OpenAPI document describes it.</summary>
/// <param name="Values">The values that are taken; null: any.</param>
public sealed record QueryParameter(string Name, string Description, IEnumerable<string>? Values = null);

/// <summary>Metadata: query parameters that an endpoint reads without binding them by name, and words about those that it binds.</summary>
public sealed class QueryParameters(params QueryParameter[] parameters)
{
    public IReadOnlyList<QueryParameter> All => parameters;
}

/// <summary>
/// The query parameters that an endpoint knows: those its handler binds, and those in <see cref="QueryParameters"/>. Found by
/// reflection once per endpoint; the table goes with the endpoint.
/// </summary>
internal static class KnownQuery
{
    private static readonly ConditionalWeakTable<Endpoint, FrozenSet<string>> Known = [];

    public static FrozenSet<string> Of(RouteEndpoint endpoint) =>
        Known.TryGetValue(endpoint, out var names) ? names : Known.GetValue(endpoint, static e => Find((RouteEndpoint)e));

    private static FrozenSet<string> Find(RouteEndpoint endpoint)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>())
            if (QueryNameOrNull(parameter, endpoint) is { } name) names.Add(name);
        foreach (var declared in endpoint.Metadata.GetOrderedMetadata<QueryParameters>())
            foreach (var parameter in declared.All) names.Add(parameter.Name);
        // Names are compared as ASP.NET binds them: without regard to case.
        return names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    private static string? QueryNameOrNull(IParameterBindingMetadata parameter, RouteEndpoint endpoint)
    {
        var info = parameter.ParameterInfo;
        var attributes = info.GetCustomAttributes(inherit: true);
        if (attributes.OfType<IFromQueryMetadata>().FirstOrDefault() is { } query) return query.Name ?? parameter.Name;
        if (parameter.HasBindAsync
            || attributes.Any(a => a is IFromRouteMetadata or IFromBodyMetadata or IFromHeaderMetadata or IFromFormMetadata or IFromServiceMetadata)) return null;
        if (endpoint.RoutePattern.GetParameter(parameter.Name) is not null) return null;
        return IsReadFromText(parameter) ? parameter.Name : null;
    }

    // string and string[] are bound from the query without a TryParse.
    private static bool IsReadFromText(IParameterBindingMetadata parameter) =>
        parameter.HasTryParse
        || parameter.ParameterInfo.ParameterType is var type
           && (type == typeof(string) || type == typeof(string[]) || type == typeof(Microsoft.Extensions.Primitives.StringValues)
               || type.IsArray && type.GetElementType()!.IsValueType);
}
