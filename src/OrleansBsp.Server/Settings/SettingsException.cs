namespace OrleansBsp.Server.Settings;

/// <summary>
/// The process cannot start as it is configured. The message is for whoever configures it, and all that is shown: each setting that is wrong, its value unless that
/// may be a secret, and what to do.
/// </summary>
public sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The process ends with this code (EX_CONFIG of sysexits.h): starting it again changes nothing.</summary>
    public const int ExitCode = 78;
}
