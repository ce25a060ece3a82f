using System.Collections;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansBsp.Server.Telemetry;

/// <summary>
/// No log line holds the address of a person or a key, whoever writes it. Our own messages do not; but the key of a conversation's grain holds its person's
/// number, and Orleans puts grain keys into its warnings and into exceptions, as requests have conversations in their paths. So what looks like one is
/// taken out between the loggers and every provider.
/// </summary>
internal static partial class PrivateLogs
{
    private const string Hidden = "***";

    /// <summary>After all providers, whose order does not matter.</summary>
    public static void AddPrivateLogs(this IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(provider => new Factory(ActivatorUtilities.CreateInstance<LoggerFactory>(provider))));

    public static string Masked(string text)
    {
        text = Address().Replace(text, Hidden);
        return Key().Replace(text, Hidden);
    }

    private static KeyValuePair<string, object?> Masked(KeyValuePair<string, object?> value) =>
        KeyValuePair.Create(value.Key, value.Value is null or int or long or bool or double ? value.Value : (object?)Masked($"{value.Value}"));

    /// <summary>What follows a phone number id and a colon (conversations; digits or a BSUID), and telephone numbers with their plus.</summary>
    [GeneratedRegex(@"(?<=\b\d{9,20}:)(\+?\d{6,15}|[A-Z]{2}\.[A-Za-z0-9.]+)|(?<![\w.])\+[1-9]\d{7,14}\b")]
    private static partial Regex Address();

    /// <summary>Meta's access tokens, our API keys, and whatever stands in an Authorization header.</summary>
    [GeneratedRegex(@"\bEAA[A-Za-z0-9]{16,}|\bbsp_[A-Za-z0-9_-]{40,}|(?<=\bBearer )[^\s""']{8,}")]
    private static partial Regex Key();

    private sealed class Factory(ILoggerFactory inner) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

        public ILogger CreateLogger(string categoryName) => new MaskingLogger(inner.CreateLogger(categoryName));

        public void Dispose() => inner.Dispose();
    }

    private sealed class MaskingLogger(ILogger inner) : ILogger
    {
        // A request's scope holds its path. Masked when it is written, which it hardly ever is.
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull =>
            state is IReadOnlyList<KeyValuePair<string, object?>> named ? inner.BeginScope(new MaskedValues(named)) : inner.BeginScope(PrivateLogs.Masked($"{state}"));

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!inner.IsEnabled(logLevel) || ImpossibleStall.Is(eventId, state)) return; // here, as every line passes here and a filter sees none of its values
            var (text, failure) = (formatter(state, exception), exception?.ToString());
            var (safe, safeFailure) = (PrivateLogs.Masked(text), failure is null ? null : PrivateLogs.Masked(failure));
            if (safe == text && safeFailure == failure)
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
                return;
            }

            IReadOnlyList<KeyValuePair<string, object?>> values = state is IReadOnlyList<KeyValuePair<string, object?>> named ? new MaskedValues(named) : [];
            inner.Log(logLevel, eventId, values, safeFailure is null ? null : new MaskedException(exception!.GetType(), safeFailure), (_, _) => safe);
        }

    }

    private sealed class MaskedValues(IReadOnlyList<KeyValuePair<string, object?>> inner) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => inner.Count;

        public KeyValuePair<string, object?> this[int index] => Masked(inner[index]);

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => inner.Select(Masked).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => Masked($"{inner}");
    }

    /// <summary>Stands for an exception whose text must not be written as it is.</summary>
    private sealed class MaskedException(Type type, string text) : Exception(type.FullName)
    {
        public override string ToString() => text;
    }
}
