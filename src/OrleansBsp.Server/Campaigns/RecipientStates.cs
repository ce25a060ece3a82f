using System.Text.Json;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Server.Campaigns;

/// <summary>Names of a recipient's states in the API: those of the books.</summary>
internal static class RecipientStates
{
    public const string NotReleased = "notReleased";

    public static readonly IReadOnlyList<string> All = [NotReleased, .. Enum.GetValues<MessageState>().Select(Name)];

    public static bool IsKnown(string state) => All.Contains(state);

    public static string Name(MessageState state) => state == MessageState.Accepted ? "acceptedOnly" : JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    /// <summary>Null for those without a row of their own.</summary>
    public static MessageState? StateOf(string name) => Enum.GetValues<MessageState>().Cast<MessageState?>().FirstOrDefault(state => Name(state!.Value) == name);
}
