using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work; otherwise 503 with the reasons.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Ok(new { status = "live" })).ExcludeFromDescription();
        routes.MapGet("/health/ready", ReadyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(Database database, IHostApplicationLifetime lifetime, CancellationToken cancel)
    {
        List<string> reasons = [];
        if (lifetime.ApplicationStopping.IsCancellationRequested) reasons.Add("the server is stopping");
        if (!lifetime.ApplicationStarted.IsCancellationRequested) reasons.Add("the server is starting");
        try
        {
            await using var command = database.Control.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancel);
        }
        catch (Exception failure) when (failure is Npgsql.NpgsqlException or TimeoutException)
        {
            reasons.Add($"the database does not answer: {failure.Message}");
        }

        return reasons.Count == 0 ? Results.Ok(new { status = "ready" }) : Results.Json(new { status = "unready", reasons }, statusCode: 503);
    }
}
