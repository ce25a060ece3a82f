namespace OrleansBsp.Testing.Faults;

/// <summary>PostgreSQL goes away for everybody, in order or as in a crash, and comes back.</summary>
public sealed record StopDatabase(bool Killed, int Seconds) : Fault
{
    public override string What => $"PostgreSQL {(Killed ? "killed" : "stopped")}, started again after {Seconds} s";

    public override Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop) => stage.Postgres!.RestartAsync(Killed, TimeSpan.FromSeconds(Seconds), stop);
}
