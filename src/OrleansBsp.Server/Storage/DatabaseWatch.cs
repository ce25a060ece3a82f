using System.Diagnostics;
using Npgsql;

namespace OrleansBsp.Server.Storage;

/// <summary>
/// Asks the database every second whether it is there and takes writes. By threads and connections of its own, which may block: how busy the pools are must not pass for a database that is away.
/// </summary>
public sealed class DatabaseWatch(Database database)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1), Look = TimeSpan.FromMilliseconds(250);

    // A line that has died in silence holds its connection, and the attempt to give up politely, for many seconds. Then another is tried beside it.
    private static readonly TimeSpan AskAnewAfter = TimeSpan.FromSeconds(2);

    // A process that stood still must not judge by the clock alone.
    private const int LooksToJudge = 8;

    private readonly string _connectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString)
    {
        Pooling = false, Timeout = 2, CommandTimeout = 2, ApplicationName = "orleansbsp-watch",
    }.ConnectionString;

    private long _answered = Stopwatch.GetTimestamp();
    private long _answeringSince = long.MaxValue;
    private volatile string _reason = "no answer";

    /// <summary>For how long the database has answered all the while; zero: it does not, or this process stood still and cannot say.</summary>
    public TimeSpan AnsweringFor =>
        Stopwatch.GetElapsedTime(Volatile.Read(ref _answered)) >= AskAnewAfter || Volatile.Read(ref _answeringSince) is long.MaxValue
            ? TimeSpan.Zero
            : Stopwatch.GetElapsedTime(Volatile.Read(ref _answeringSince));

    /// <summary>Asks until it is stopped.</summary>
    /// <param name="patience">How long no answer is normal.</param>
    /// <param name="onSilence">Called once a second while there has been none for longer: for how long, and why.</param>
    public void Run(TimeSpan patience, Action<TimeSpan, string> onSilence, CancellationToken stop)
    {
        var (asking, asked) = (Ask(stop), Stopwatch.GetTimestamp());
        for (var looks = 0; !stop.WaitHandle.WaitOne(Look);)
        {
            var silent = Stopwatch.GetElapsedTime(Volatile.Read(ref _answered));
            if (silent < AskAnewAfter)
            {
                looks = 0;
                continue;
            }

            Volatile.Write(ref _answeringSince, long.MaxValue);
            looks++;
            if (silent >= patience && looks >= LooksToJudge && looks % 4 == 0) onSilence(silent, _reason);
            if (Stopwatch.GetElapsedTime(asked) < AskAnewAfter) continue;
            asking.Cancel();
            (asking, asked) = (Ask(stop), Stopwatch.GetTimestamp());
        }
    }

    // Not disposed: either thread may be the last to look at it, and only a silence makes more than one.
    private CancellationTokenSource Ask(CancellationToken stop)
    {
        var until = CancellationTokenSource.CreateLinkedTokenSource(stop);
        new Thread(() => Ask(until)) { IsBackground = true, Name = "database question" }.Start();
        return until;
    }

    private void Ask(CancellationTokenSource until)
    {
        while (!until.IsCancellationRequested)
        {
            try
            {
                using var connection = new NpgsqlConnection(_connectionString);
                connection.Open();
                using var command = new NpgsqlCommand(Database.TakesWrites, connection);
                do
                {
                    if (command.ExecuteScalar() is not true) throw new InvalidOperationException(Database.TakesNoWrites);
                    Answered();
                }
                while (!until.Token.WaitHandle.WaitOne(Every));
            }
            catch (PostgresException refusal) when (!Passing.IsAway(refusal))
            {
                Answered(); // it is there: too many connections, say, which the pools may have
                until.Token.WaitHandle.WaitOne(Every);
            }
            catch (Exception failure) // whatever it is: nobody else would catch it here, and it would end the process
            {
                _reason = failure.Message;
                until.Token.WaitHandle.WaitOne(Look);
            }
        }
    }

    private void Answered()
    {
        var now = Stopwatch.GetTimestamp();
        // After a stop of this process nobody may have looked yet: it must not vouch for a time that it has not seen.
        if (Stopwatch.GetElapsedTime(Volatile.Read(ref _answered), now) >= AskAnewAfter) Volatile.Write(ref _answeringSince, long.MaxValue);
        Volatile.Write(ref _answered, now);
        Interlocked.CompareExchange(ref _answeringSince, now, long.MaxValue);
    }
}
