using System.Data.Common;
using System.Globalization;
using System.Text.Json.Serialization;
using OrleansBsp.Server.Http.Idempotency;

namespace OrleansBsp.Server.Conversations;

/// <summary>The answer to a send that was taken, made where the message is stored and where it is answered.</summary>
internal sealed record TakenMessage(string Id)
{
    [JsonIgnore]
    public string Location => $"/api/v1/messages/{Id}";

    public static TakenMessage Of(long id) => new(id.ToString(CultureInfo.InvariantCulture));

    public IResult ToResult() => Results.Accepted(Location, this);

    public Task StoreAsync(AnswerSlot slot, DbTransaction transaction) =>
        slot.StoreAsync(transaction, StatusCodes.Status202Accepted, Location, this, CancellationToken.None);
}
