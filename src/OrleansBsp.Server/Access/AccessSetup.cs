using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace OrleansBsp.Server.Access;

public static class AccessSetup
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<SessionKeys>();
        services.AddDataProtection().SetApplicationName("orleansbsp");
        services.AddOptions<KeyManagementOptions>().Configure<SessionKeys>((management, keys) => management.XmlRepository = keys);
        // It warns at every new key that nothing encrypts it: it cannot know that the store does.
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
}
