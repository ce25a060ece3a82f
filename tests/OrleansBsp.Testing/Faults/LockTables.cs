using Npgsql;

namespace OrleansBsp.Testing.Faults;

/// <summary>Somebody holds locks that every release, record and webhook needs: the work's statements wait, and with them its connections.</summary>
public sealed record LockTables(int Seconds) : Fault
{
    public override string What => $"locks on the tables of all work held for {Seconds} s";

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        await using var connection = await stage.Database.OpenConnectionAsync(stop);
        await using var locks = await LockAsync(connection, stop);
        await LetActAsync(Seconds, stop);
    }

    private static async Task<NpgsqlTransaction> LockAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        while (true)
        {
            var transaction = await connection.BeginTransactionAsync(stop);
            try
            {
                await using var command = new NpgsqlCommand("lock table campaign_run, phone_number, inbox_head in access exclusive mode", connection, transaction);
                await command.ExecuteNonQueryAsync(stop);
                return transaction;
            }
            catch (PostgresException failure) when (failure.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable)
            {
                await transaction.DisposeAsync();
            }
        }
    }
}
