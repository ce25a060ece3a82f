using System.ComponentModel;
using System.Data.Common;
using System.Reflection;
using Npgsql;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Storage;

/// <summary>The setting <c>ConnectionStrings__Postgres</c>, and what can be wrong with it. It holds a password: what is said of it never repeats it.</summary>
internal static class ConnectionSetting
{
    public const string Name = "ConnectionStrings__Postgres";

    /// <returns>Why it cannot be used, with what to do; null: it can, as far as that is seen without the database.</returns>
    public static string? ProblemOrNull(string connectionString)
    {
        var given = new DbConnectionStringBuilder();
        try
        {
            given.ConnectionString = connectionString;
        }
        catch (ArgumentException)
        {
            return $"{Name}: it must have the form Host=…;Username=…;Password=…;Database=…, with quotes around a value that has ; or = in it.";
        }

        var connection = new NpgsqlConnectionStringBuilder();
        foreach (string keyword in given.Keys)
        {
            try
            {
                connection[keyword] = given[keyword];
            }
            catch (Exception failure) when (failure is ArgumentException or FormatException or InvalidCastException or OverflowException)
            {
                return connection.ContainsKey(keyword) ? $"{Name}: the value of {keyword} cannot be used." : Unknown(keyword);
            }
        }

        return connection.Host is { Length: > 0 } ? null : $"{Name}: it names no Host.";
    }

    /// <summary>The same for what only the database knows: its answer to a connection.</summary>
    public static SettingsException Refused(string connectionString, NpgsqlException failure)
    {
        var at = new NpgsqlConnectionStringBuilder(connectionString);
        var reason = failure is PostgresException answer ? $"{answer.MessageText} ({answer.SqlState})" : failure.Message;
        return new SettingsException($"{Name} (Host={at.Host};Port={at.Port};Username={at.Username};Database={at.Database}): the connection is refused: {reason}. Mend the setting, or make the role and the database that it names.", failure);
    }

    // After a password with a semicolon in it, what looks like a keyword is a part of the password. One that is nearly right is none.
    private static string Unknown(string keyword) => Spelling.NearestOrNull(keyword, Keywords()) is { } meant
        ? $"{Name}: there is no keyword {keyword}; did you mean {meant}?"
        : $"{Name}: one of its keywords does not exist (it is not shown, as it may be part of a password). A value that has ; or = in it needs quotes.";

    private static IEnumerable<string> Keywords() =>
        typeof(NpgsqlConnectionStringBuilder).GetProperties().Select(property => property.GetCustomAttribute<DisplayNameAttribute>()?.DisplayName).OfType<string>();
}
