using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// What lives in this process at the moment and is looked at when somebody asks for measures: a queue that is only looked at costs
/// nothing per message. Safe for concurrent use.
/// </summary>
internal sealed class LiveSet<T>
    where T : class
{
    private readonly ConcurrentDictionary<T, byte> _all = new(ReferenceEqualityComparer.Instance);

    public void Add(T one) => _all[one] = 0;

    public void Remove(T one) => _all.TryRemove(one, out _);

    public IEnumerable<T> All => _all.Keys;

    public T? FirstOrNull() => _all.Keys.FirstOrDefault();

    public long Sum(Func<T, long> of) => _all.Keys.Sum(of);

    /// <summary>0 if there is none.</summary>
    public double Max(Func<T, double> of) => _all.Keys.Select(of).DefaultIfEmpty().Max();

    /// <param name="only">Those that have something to tell; null: all.</param>
    public IEnumerable<Measurement<TValue>> Each<TValue>(Func<T, TValue> of, Func<T, KeyValuePair<string, object?>[]> labels, Func<T, bool>? only = null)
        where TValue : struct =>
        _all.Keys.Where(only ?? (_ => true)).Select(one => new Measurement<TValue>(of(one), labels(one)));
}
