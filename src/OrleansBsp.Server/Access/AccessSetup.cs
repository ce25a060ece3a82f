using Microsoft.AspNetCore.DataProtection;

namespace OrleansBsp.Server.Access;

public static class AccessSetup
{
    /// <param name="dataFolder">Keeps the keys that sessions are encrypted with, so that a restart ends none.</param>
    public static IServiceCollection AddAccess(this IServiceCollection services, string dataFolder)
    {
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<SignInThrottle>();
        services.AddDataProtection().SetApplicationName("orleansbsp").PersistKeysToFileSystem(KeyFolder(dataFolder));
        // It warns at every new key that nothing encrypts it; the folder is the owner's alone, which is what there is on one machine.
        services.AddLogging(log => log.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error));
        services.AddAuthentication(Session.Scheme).AddCookie(Session.Scheme, Session.Configure);
        return services;
    }

    /// <summary>Maps <c>/api/v1/session</c> and <c>/api/v1/api-keys</c>.</summary>
    public static void MapAccess(this IEndpointRouteBuilder app)
    {
        SessionEndpoints.Map(app);
        ApiKeyEndpoints.Map(app);
    }

    private static DirectoryInfo KeyFolder(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "session-keys");
        // Who reads these can make sessions: owner only, before the first file is in it.
        return OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
