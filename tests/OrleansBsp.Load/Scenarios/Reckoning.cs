using System.Text.Json.Nodes;
using OrleansBsp.Load.Reports;
using OrleansBsp.Load.Rig;

namespace OrleansBsp.Load.Scenarios;

/// <summary>The product's books against Meta's ledger, after everybody has read.</summary>
internal static class Reckoning
{
    public static async Task<IReadOnlyList<Check>> CheckAsync(LoadRig rig, long[] campaigns, int planned, CancellationToken cancel)
    {
        await rig.Simulator.WaitIdleAsync(TimeSpan.FromSeconds(10), cancel);
        var ledger = await rig.Simulator.SummaryAsync(cancel);
        var books = await rig.Books.ReadAsync(campaigns, cancel);
        int accepted = (int)ledger["accepted"]!, read = (int)ledger["states"]!["read"]!, twice = (int)ledger["duplicateRecipients"]!;
        var refused = ledger["refusedByCode"] is JsonObject codes ? codes.Sum(code => (long)code.Value!) : 0;
        return
        [
            new("books equal ledger", books.Read == planned && accepted == planned && read == planned, $"planned {planned}, read {books.Read}; ledger: accepted {accepted}, read {read}"),
            new("nobody twice", twice == 0, $"{twice} recipients"),
            new("Meta refused nothing", refused == 0, $"{refused} refused: {ledger["refusedByCode"]?.ToJsonString()}"),
        ];
    }
}
