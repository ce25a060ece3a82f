using System.Text;
using Npgsql;
using OrleansBsp.Server.Campaigns.Audience;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Tests.Storage;

namespace OrleansBsp.Server.Tests.Campaigns.Audience;

/// <summary>A migrated database with one phone number, for the tests of one class. Each test makes its own campaign.</summary>
public sealed class AudienceDatabase : IAsyncLifetime
{
    public Database Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = new Database(await PostgresServer.CreateDatabaseAsync(), new DatabaseOptions());
        await ExecuteAsync("""
            insert into waba (id, name, access_token, time_zone, currency) values ('w', 'Test', ''::bytea, 'Asia/Kolkata', 'INR');
            insert into phone_number (id, waba_id, display_number, throughput) values ('p', 'w', '+91 98765 00000', 80);
            """);
    }

    public async Task DisposeAsync() => await Database.DisposeAsync();

    public async Task<long> CampaignAsync(string state = "draft")
    {
        var id = await ScalarAsync<long>("""
            insert into campaign (name, phone_number_id, template_name, template_language, parameters, default_country)
            values ('Test', 'p', 'diwali', 'en', '{}', 'IN') returning id
            """);
        await ExecuteAsync($"insert into campaign_run (campaign_id, state) values ({id}, '{state}')");
        return id;
    }

    public Task<AudienceImport> ImportAsync(long campaign, byte[] file, AudienceOptions? options = null, string phoneColumn = "phone", string country = "IN") =>
        ImportAsync(campaign, new MemoryStream(file), options, phoneColumn, country);

    public Task<AudienceImport> ImportAsync(long campaign, string file, AudienceOptions? options = null) =>
        ImportAsync(campaign, Encoding.UTF8.GetBytes(file), options);

    public Task<AudienceImport> ImportAsync(long campaign, Stream file, AudienceOptions? options = null, string phoneColumn = "phone", string country = "IN") =>
        new AudienceImporter(Database, options ?? new AudienceOptions()).ImportAsync(campaign, phoneColumn, country, file, CancellationToken.None);

    public async Task<AudienceSummary> ImportedAsync(long campaign, string file, AudienceOptions? options = null) =>
        Imported(await ImportAsync(campaign, file, options));

    public static AudienceSummary Imported(AudienceImport import) => import.Match(
        summary => summary,
        refused => throw new Xunit.Sdk.XunitException($"Refused with {refused.Status}: {refused.Detail}"));

    public static AudienceImport.Refused Refused(AudienceImport import) => import.Match<AudienceImport.Refused>(
        summary => throw new Xunit.Sdk.XunitException($"Imported {summary.Accepted} of {summary.Rows} rows."),
        refused => refused);

    /// <summary>Position, phone and values of a campaign's audience.</summary>
    public async Task<List<(int Position, long Phone, string[] Values)>> RecipientsAsync(long campaign)
    {
        await using var select = Database.Main.CreateCommand(
            $"select position, phone, values from recipient join campaign on campaign.audience_id = recipient.audience_id where campaign.id = {campaign} order by position");
        await using var reader = await select.ExecuteReaderAsync();
        var rows = new List<(int, long, string[])>();
        while (await reader.ReadAsync()) rows.Add((reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<string[]>(2)));
        return rows;
    }

    public async Task<List<(int Row, string Column, string Value, string Code, string Message)>> RejectsAsync(long audience)
    {
        await using var select = Database.Main.CreateCommand(
            $"select row_number, column_name, value, code, message from audience_reject where audience_id = {audience} and row_number > 0 order by row_number");
        await using var reader = await select.ExecuteReaderAsync();
        var rows = new List<(int, string, string, string, string)>();
        while (await reader.ReadAsync()) rows.Add((reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4)));
        return rows;
    }

    /// <summary>Every row that any import has left, and what the campaigns point to: equal before and after means that nothing happened.</summary>
    public async Task<string> EverythingAsync() => await ScalarAsync<string>("""
        select concat_ws(E'\n',
          (select string_agg(a::text, ';' order by id) from audience a),
          (select string_agg(r::text, ';' order by audience_id, position) from recipient r),
          (select string_agg(r::text, ';' order by audience_id, row_number) from audience_reject r),
          (select string_agg(id || '→' || coalesce(audience_id, 0), ';' order by id) from campaign),
          (select string_agg(campaign_id || ':' || planned || state, ';' order by campaign_id) from campaign_run))
        """);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.Main.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.Main.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
