using Dapper;
using Npgsql;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.Accounts;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Tests.Cluster;

/// <summary>The account that Meta's sample bodies and the simulator's demo world speak of, and campaigns for it, written without Meta.</summary>
internal static class SampleAccount
{
    public const string Waba = "104829366712045";
    public const string Token = "demo-token";
    public const string Number = "118233907745512";
    public const string HighNumber = "118233907745999";
    public const string StoreHours = """{"name":"store_hours","language":"en_US","category":"UTILITY","status":"APPROVED","format":"POSITIONAL","components":[{"type":"BODY","text":"Our store is open from 9 am to 6 pm today."}]}""";

    private static readonly FetchedNumber[] Numbers =
    [
        new(Number, "+61 2 5550 0047", "Example", "GREEN", "CONNECTED", "STANDARD", Throughput.Standard),
        new(HighNumber, "+61 2 5550 0052", "Example", "GREEN", "CONNECTED", "HIGH", Throughput.High),
    ];

    /// <summary>The account, its numbers, and the templates that the sample bodies name.</summary>
    public static async Task AddAsync(Database database, TokenCipher cipher)
    {
        FetchedTemplate[] templates =
        [
            Template("1689556908129832", "diwali_offer_2026"), Template("1689556908129835", "abandoned_cart_v2"), Template("1689556908129836", "win_back"),
            Template("1689556908129841", "eofy_sale_2025"), Template("1689556908129842", "old_notice"), Template("1689556908129852", "order_followup", "UTILITY"),
            Template("1", "store_hours", "UTILITY"),
        ];
        await new AccountStore(database).SaveAsync(Waba, "Example Retail", cipher.Encrypt(Waba, Token), "UTC", "USD", Numbers, templates, CancellationToken.None);

        static FetchedTemplate Template(string id, string name, string category = "MARKETING") =>
            new(id, name, "en_US", category, "APPROVED", "POSITIONAL", """[{"type":"BODY","text":"Our store is open from 9 am to 6 pm today."}]""", "GREEN");
    }

    /// <summary>A campaign in the given state with recipients <paramref name="firstPhone"/> and on, launched with the template "store_hours".</summary>
    public static async Task<long> AddCampaignAsync(
        string connectionString, int recipients, string state = "running", string category = "UTILITY", string number = Number, long firstPhone = 61491570000,
        bool resendUncertain = false)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        return await connection.ExecuteScalarAsync<long>(
            """
            with made as (
                insert into campaign (name, phone_number_id, template_name, template_language, template, category, parameters, default_country, resend_uncertain)
                values ('test', @number, 'store_hours', 'en_US', @template::jsonb, @category, '{}', 'AU', @resendUncertain) returning id)
            select id from made
            """, new { number, template = StoreHours, category, resendUncertain }) is var id
            && await connection.ExecuteAsync(
            """
            insert into campaign_run (campaign_id, state, planned, launched_at) values (@id, @state, @recipients, now());
            insert into audience (campaign_id, columns, rows, accepted, duplicates, invalid, encoding, delimiter) values (@id, '{}', @recipients, @recipients, 0, 0, 'utf-8', ',');
            update campaign set audience_id = (select max(a.id) from audience a where a.campaign_id = @id) where id = @id;
            insert into recipient (audience_id, position, phone, values)
            select c.audience_id, p, @firstPhone + p, '{}' from campaign c, generate_series(1, @recipients) p where c.id = @id
            """, new { id, state, recipients, firstPhone }) > 0 ? id : 0;
    }
}
