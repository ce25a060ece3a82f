using System.Net;

namespace OrleansBsp.Server.Access;

/// <summary>1120–1139. Never keys, passwords or whole e-mail addresses.</summary>
internal static partial class AccessLog
{
    [LoggerMessage(1120, LogLevel.Warning, "Sign-in failed from {Address}")]
    public static partial void SignInFailed(ILogger log, IPAddress address);

    [LoggerMessage(1121, LogLevel.Information, "API key {Id} made by {Caller} with scopes {Scopes}")]
    public static partial void KeyMade(ILogger log, long id, string caller, string scopes);

    [LoggerMessage(1122, LogLevel.Information, "API key {Id} removed by {Caller}")]
    public static partial void KeyRemoved(ILogger log, long id, string caller);

    [LoggerMessage(1123, LogLevel.Warning, "A stored session key was encrypted with another token key and is passed over: its sessions have to sign in again")]
    public static partial void SessionKeyUnreadable(ILogger log);
}
