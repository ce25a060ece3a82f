using Npgsql;
using Xunit.Sdk;

namespace OrleansBsp.Testing.Faults;

/// <summary>PostgreSQL has no connection left to give: all are taken by somebody, and whatever a silo lets go of is taken too.</summary>
public sealed record TakeConnections(int Seconds) : Fault
{
    private static readonly TimeSpan TryEvery = TimeSpan.FromMilliseconds(50);

    public override string What => $"PostgreSQL's last connections taken for {Seconds} s";

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        var greedy = new NpgsqlConnectionStringBuilder(stage.Postgres!.ConnectionString) { Pooling = false, ApplicationName = "greedy", Timeout = 5 }.ConnectionString;
        var taken = new List<NpgsqlConnection>();
        try
        {
            for (var until = DateTime.UtcNow.AddSeconds(Seconds); DateTime.UtcNow < until;)
                if (!await TakeAsync(greedy, taken, stop)) await Task.Delay(TryEvery, stop);
        }
        finally
        {
            foreach (var connection in taken) await connection.DisposeAsync();
        }

        tell($"{taken.Count} taken");
        if (taken.Count == 0) throw new XunitException("Not one of PostgreSQL's connections could be taken.");
    }

    private static async Task<bool> TakeAsync(string greedy, List<NpgsqlConnection> taken, CancellationToken stop)
    {
        var connection = new NpgsqlConnection(greedy);
        try
        {
            await connection.OpenAsync(stop);
            taken.Add(connection);
            return true;
        }
        catch (NpgsqlException)
        {
            await connection.DisposeAsync();
            return false;
        }
    }
}
