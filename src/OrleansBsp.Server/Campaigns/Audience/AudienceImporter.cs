using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;
using OrleansBsp.Server.Storage;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>
/// Replaces a draft campaign's audience by an uploaded CSV file, as a whole or not at all.
/// </summary>
/// <remarks>
/// Upload → spool (encoding decided over the whole file) → header → rows checked and de-duplicated on one task, copied to
/// PostgreSQL by another, a bounded handful of batches between them → lock the campaign, check that it is still a draft,
/// switch, remove the old audience, commit. Memory does not grow with the file but for the numbers seen (about 20 bytes each).
/// </remarks>
public sealed class AudienceImporter(Database database, AudienceOptions options)
{
    private const int BatchesBetween = 2;

    /// <param name="phoneColumn">The column with the phone numbers, in any case and spacing.</param>
    /// <param name="defaultCountry">ISO 3166-1 alpha-2: the country of numbers that name none.</param>
    /// <param name="body">The upload, read once to its end. Not disposed.</param>
    /// <exception cref="NpgsqlException">The database failed; nothing was changed.</exception>
    /// <exception cref="OperationCanceledException">Nothing was changed, unless the commit was under way just then.</exception>
    public async Task<AudienceImport> ImportAsync(long campaignId, string phoneColumn, string defaultCountry, Stream body, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(phoneColumn)) return AudienceRefusals.NoPhoneColumnNamed();
        if (PhoneNormaliser.ForCountryOrNull(defaultCountry) is not { } phones) return AudienceRefusals.UnknownCountry(defaultCountry);
        if (await LookAsync(campaignId, cancel) is { } notNow) return notNow;

        await using var spool = new UploadSpool(options.SpoolFolder);
        if (await spool.ReceiveAsync(body, options.MaxUploadBytes, cancel) is { } notReceived) return notReceived;
        var (opened, refused) = AudienceFile.Open(spool, phoneColumn, options);
        if (opened is null) return refused!;
        using var file = opened;
        return await StoreAsync(campaignId, file, new AudienceRows(file, phones, options), cancel);
    }

    private async Task<AudienceImport.Refused?> LookAsync(long campaignId, CancellationToken cancel)
    {
        await using var look = database.Main.CreateCommand(AudienceSql.State);
        look.Parameters.AddWithValue("campaign", campaignId);
        return await look.ExecuteScalarAsync(cancel) switch
        {
            null => AudienceRefusals.NoCampaign(campaignId),
            "draft" => null,
            var state => AudienceRefusals.NotDraft(campaignId, (string)state),
        };
    }

    private async Task<AudienceImport> StoreAsync(long campaignId, AudienceFile file, AudienceRows rows, CancellationToken cancel)
    {
        await using var writer = await AudienceWriter.BeginAsync(database.Main, campaignId, file, cancel);
        if (await PumpAsync(rows, writer, cancel) is { } unreadable) return unreadable;
        if (await writer.ReplaceAsync(rows, cancel) is { } notNow) return notNow;
        return new AudienceImport.Imported(new AudienceSummary(writer.AudienceId, rows.Rows, rows.Accepted, rows.Duplicates, rows.Invalid,
            file.Encoding.Name, file.Delimiter.ToString(), file.Header.PhoneName, file.Header.Columns, rows.Sample));
    }

    /// <summary>Reads and writes at the same time. Returns when both have ended, whatever happened: the file is about to be closed.</summary>
    private static async Task<AudienceImport.Refused?> PumpAsync(AudienceRows rows, AudienceWriter writer, CancellationToken cancel)
    {
        var between = Channel.CreateBounded<AudienceBatch>(new BoundedChannelOptions(BatchesBetween) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Task.Run(async () =>
        {
            try
            {
                return await rows.ReadAsync(between.Writer, stop.Token);
            }
            finally
            {
                between.Writer.Complete();
            }
        }, CancellationToken.None);
        try
        {
            await foreach (var batch in between.Reader.ReadAllAsync(cancel))
            {
                var started = Stopwatch.GetTimestamp();
                await writer.WriteAsync(batch, cancel);
                AudienceMetrics.Copied(batch, started);
            }
        }
        catch
        {
            await stop.CancelAsync(); // the reader may wait for room that nobody makes any more
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the writer's failure is the one to tell
            throw;
        }

        return await reading;
    }
}
