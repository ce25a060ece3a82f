namespace OrleansBsp.Server.Http;

/// <summary>1100–1119.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(1100, LogLevel.Error, "{Method} {Path} failed, trace {TraceId}")]
    public static partial void Failed(ILogger log, string method, string path, string traceId, Exception failure);

    [LoggerMessage(1101, LogLevel.Warning, "{Method} {Path} answered 503, trace {TraceId}: {Reason}")]
    public static partial void Unavailable(ILogger log, string method, string path, string traceId, string reason);

    [LoggerMessage(1102, LogLevel.Error, "{Method} {Path} failed when half of the answer was out; connection cut, trace {TraceId}")]
    public static partial void FailedHalfway(ILogger log, string method, string path, string traceId, Exception failure);

    [LoggerMessage(1103, LogLevel.Error, "The answer {Status} to {Method} {Path} could not be kept under its Idempotency-Key; a repetition after 60 s runs it again")]
    public static partial void AnswerNotKept(ILogger log, int status, string method, string path, Exception failure);

    [LoggerMessage(1104, LogLevel.Warning, "{Method} {Path} was taken over under its Idempotency-Key while still running; its own answer is not kept")]
    public static partial void ClaimLost(ILogger log, string method, string path);

    [LoggerMessage(1105, LogLevel.Information, "Removed {Count} answers kept for Idempotency-Keys for more than 24 h")]
    public static partial void Swept(ILogger log, int count);

    [LoggerMessage(1106, LogLevel.Warning, "{Method} {Path} runs again under an Idempotency-Key whose first request died without an answer or was made more than 24 h ago")]
    public static partial void TookOver(ILogger log, string method, string path);

    [LoggerMessage(1107, LogLevel.Warning, "The sign of life of {Method} {Path} under its Idempotency-Key failed; the next one is in 20 s")]
    public static partial void NotRenewed(ILogger log, string method, string path, Exception failure);
}
