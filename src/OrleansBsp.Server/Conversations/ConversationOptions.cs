using System.ComponentModel.DataAnnotations;
using Orleans.Configuration;

namespace OrleansBsp.Server.Conversations;

/// <summary>Section <c>Conversations</c>.</summary>
public sealed class ConversationOptions
{
    /// <summary>
    /// How long a conversation in which nothing happens stays in memory, in seconds. Default 120; more than 60, as rest is looked for once a minute. Who writes to one that has left it
    /// waits for two reads and a write of the database longer.
    /// </summary>
    [Range(61, 86_400)]
    public int RestAfterSeconds { get; set; } = 120;

    /// <summary>
    /// How long a single message may wait to be sent, in hours: while its number or account is stopped, or Meta takes it only later. Then it expires. Default 48, at most 720 (30 days).
    /// What Meta did not deliver for a marketing limit of its own (131049) is sent again after 24 to 30 hours: with less than that it expires at once.
    /// </summary>
    [Range(1, 720)]
    public int SendWithinHours { get; set; } = 48;

    internal static void Apply(GrainCollectionOptions collection, IConfiguration configuration)
    {
        var seconds = configuration.GetValue("Conversations:RestAfterSeconds", new ConversationOptions().RestAfterSeconds);
        collection.ClassSpecificCollectionAge[typeof(ConversationGrain).FullName!] = TimeSpan.FromSeconds(seconds);
    }
}
