namespace OrleansBsp.Server.PhoneNumbers;

/// <summary>Events 2000 to 2099.</summary>
internal static partial class PhoneNumbersLog
{
    [LoggerMessage(2000, LogLevel.Information, "Number {Number} taken with epoch {Epoch}; grants begin in {WaitMs} ms")]
    public static partial void NumberTaken(this ILogger log, string number, long epoch, double waitMs);

    [LoggerMessage(2001, LogLevel.Warning, "Number {Number} slowed down to {PerSecond:0} messages/s: Meta's throughput limit was hit")]
    public static partial void Throttled(this ILogger log, string number, double perSecond);

    [LoggerMessage(2002, LogLevel.Debug, "Arrivals of number {Number} could not be told: {Reason}")]
    public static partial void ArrivalsNotTold(this ILogger log, string number, string reason);
}
