using Dapper;

namespace OrleansBsp.Server.Storage;

/// <summary>Finds sessions of silent processes that hold locks for which others wait, and ends ours.</summary>
/// <remarks>
/// A process that hangs (stopped, a frozen machine, a line cut in silence) in the midst of a transaction keeps the rows that it has locked. Its kernel still answers
/// keep-alives, and a pipeline whose end has not come runs into no time limit before PostgreSQL 17's transaction_timeout: the next owner of a campaign would wait
/// until the process wakes, and everybody else for the head of the event log. A process that is alive does not leave PostgreSQL waiting for it for seconds with a
/// lock held; if it was only slow, it sees a lost connection and repeats, as after a restart of the database.
/// </remarks>
public sealed class HungSessions(Database database, ILogger<HungSessions> log)
{
    /// <summary>For how long a session must have been silent, and somebody waiting for it.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(2), Waiting = TimeSpan.FromSeconds(1);

    private static readonly string[] Ours = [Database.Application, Cluster.SiloSetup.MembershipApplication, Cluster.SiloSetup.StorageApplication];

    // Who waits for a lock is few or nobody, and only for them PostgreSQL is asked whom they wait for. A holder that waits for a lock itself is not silent: its own holder is.
    private const string Find = """
        select holder.pid, holder.application_name as Application, count(*)::int as Waiting, extract(epoch from max(clock_timestamp() - holder.state_change))::float8 as Seconds,
               case when holder.application_name = any (@ours) and holder.usename = current_user then pg_terminate_backend(holder.pid) else false end as Ended
        from pg_stat_activity waiting
        cross join lateral (select distinct unnest(pg_blocking_pids(waiting.pid)) as pid) blocking
        join pg_stat_activity holder on holder.pid = blocking.pid
        where waiting.datname = current_database() and waiting.wait_event_type = 'Lock' and waiting.query_start < clock_timestamp() - @waiting
          and holder.application_name <> @migrations -- others may well wait for them
          and holder.wait_event_type = 'Client' and greatest(holder.query_start, holder.state_change) < clock_timestamp() - @silence
        group by holder.pid, holder.application_name, holder.usename
        """;

    /// <summary>Ends hung sessions of this platform's processes. Those of others (an operator's open transaction) are told in the log and left alone.</summary>
    /// <returns>How many were ended.</returns>
    public async Task<int> EndAsync(CancellationToken cancel)
    {
        await using var connection = await database.Control.OpenConnectionAsync(cancel);
        var found = await connection.QueryAsync<Session>(new(Find, new { ours = Ours, migrations = Migrator.Application, waiting = Waiting, silence = Silence }, cancellationToken: cancel));
        foreach (var session in found)
            if (session.Ended) log.HungSessionEnded(session.Pid, session.Seconds, session.Waiting);
            else log.SessionInTheWay(session.Pid, session.Application, session.Seconds, session.Waiting);
        return found.Count(session => session.Ended);
    }

    private sealed record Session(int Pid, string Application, int Waiting, double Seconds, bool Ended);
}
