using System.Data.Common;
using System.Text.Json;
using Dapper;

namespace OrleansBsp.Server.Http.Idempotency;

/// <summary>Where the answer to one claimed request belongs. Travels to whoever commits the effect, in this process or in a grain elsewhere.</summary>
/// <param name="ClaimedAt">Names the claim: with another time in the row it has been lost.</param>
[GenerateSerializer, Immutable, Alias("AnswerSlot")]
public sealed record AnswerSlot([property: Id(0)] string CallerId, [property: Id(1)] string Key, [property: Id(2)] DateTime ClaimedAt)
{
    /// <summary>Stores the answer in the transaction of the effect. Call it last, right before the commit.</summary>
    /// <exception cref="InvalidOperationException">The claim was lost to another request; roll back.</exception>
    public async Task StoreAsync<T>(DbTransaction transaction, int status, string? location, T body, CancellationToken cancel)
    {
        var stored = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            IdempotencySql.Store,
            new
            {
                caller = CallerId, key = Key, claimedAt = ClaimedAt, status, contentType = "application/json; charset=utf-8", location,
                body = JsonSerializer.SerializeToUtf8Bytes(body, JsonManner.Options),
            },
            transaction, cancellationToken: cancel));
        if (stored == 0) throw new InvalidOperationException("This request was taken over under its Idempotency-Key; its effect must be rolled back.");
    }
}
