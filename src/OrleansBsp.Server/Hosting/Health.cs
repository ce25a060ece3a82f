using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Hosting;

/// <summary>What a process cannot work without. Answers why it is not there; null if it is.</summary>
internal delegate Task<string?> Need(IServiceProvider services, CancellationToken cancel);

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work; otherwise 503 with the reasons.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes, Need need)
    {
        routes.MapGet("/health/live", () => Results.Ok(new { status = "live" })).ExcludeFromDescription();
        routes.MapGet("/health/ready", (IHostApplicationLifetime lifetime, HttpContext context) => ReadyAsync(need, lifetime, context)).ExcludeFromDescription();
    }

    /// <summary>The database answers and takes writes.</summary>
    public static async Task<string?> DatabaseOrReasonAsync(IServiceProvider services, CancellationToken cancel)
    {
        try
        {
            await using var command = services.GetRequiredService<Database>().Control.CreateCommand(Database.TakesWrites);
            return await command.ExecuteScalarAsync(cancel) is true ? null : Database.TakesNoWrites;
        }
        catch (Exception failure) when (failure is Npgsql.NpgsqlException or TimeoutException)
        {
            return $"the database does not answer: {failure.Message}";
        }
    }

    private static async Task<IResult> ReadyAsync(Need need, IHostApplicationLifetime lifetime, HttpContext context)
    {
        List<string> reasons = [];
        if (lifetime.ApplicationStopping.IsCancellationRequested) reasons.Add("the server is stopping");
        if (!lifetime.ApplicationStarted.IsCancellationRequested) reasons.Add("the server is starting");
        if (await need(context.RequestServices, context.RequestAborted) is { } missing) reasons.Add(missing);
        return reasons.Count == 0 ? Results.Ok(new { status = "ready" }) : Results.Json(new { status = "unready", reasons }, statusCode: 503);
    }
}
