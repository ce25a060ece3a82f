using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// One trace follows a message from its release to its last receipt, through processes, restarts and hours, without any state: whether a
/// message is traced, and the ids of its trace, follow from its token. All attempts of a message are in one trace, so the attempt is not part of it; a receipt
/// that is found by its wamid belongs to it too.
/// </summary>
/// <remarks>
/// The spans are children of one span that nobody writes: the life of the message, whose beginning and end no single process sees. Without
/// a listener, and for messages that are not sampled, there is one hash and nothing else.
/// </remarks>
public sealed class MessageTraces(IOptions<TelemetryOptions> options)
{
    public const string SourceName = "OrleansBsp";

    internal static readonly ActivitySource Source = new(SourceName);

    private readonly ulong _threshold = options.Value.TraceRatio >= 1 ? ulong.MaxValue : (ulong)(Math.Max(0, options.Value.TraceRatio) * ulong.MaxValue);

    /// <summary>Somebody takes traces; otherwise there is no need to look at any message.</summary>
    public bool IsOn => _threshold > 0 && Source.HasListeners();

    /// <summary>Null for most messages.</summary>
    public MessageTrace? Of(MessageToken token)
    {
        var owner = Mix((ulong)token.Owner + ((ulong)token.Kind << 62));
        var message = Mix(owner ^ (((ulong)(uint)token.Position << 32) | (uint)token.Key));
        return message < _threshold ? new MessageTrace(message, Mix(message)) : null;
    }

    // The finaliser of SplitMix64: neighbours get unrelated numbers.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>The trace of one message.</summary>
public readonly struct MessageTrace
{
    private readonly ActivityContext _parent;

    internal MessageTrace(ulong high, ulong low)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, high);
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], low | 1); // never all zero
        _parent = new ActivityContext(ActivityTraceId.CreateFromBytes(id), ActivitySpanId.CreateFromBytes(id[8..]), ActivityTraceFlags.Recorded, isRemote: true);
    }

    public ActivityTraceId Id => _parent.TraceId;

    /// <summary>A step that is beginning; dispose of it at its end.</summary>
    public Activity? Begin(string step, ActivityKind kind = ActivityKind.Internal) => MessageTraces.Source.StartActivity(step, kind, _parent);

    /// <summary>A step that has ended.</summary>
    public void Add(string step, DateTimeOffset began, DateTimeOffset ended, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        using var span = MessageTraces.Source.StartActivity(step, ActivityKind.Internal, _parent, startTime: began);
        if (span is null) return;
        foreach (var (name, value) in tags) span.SetTag(name, value);
        span.SetEndTime(ended.UtcDateTime);
    }
}
