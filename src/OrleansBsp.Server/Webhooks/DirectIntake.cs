using Npgsql;

namespace OrleansBsp.Server.Webhooks;

/// <summary>Straight into the inbox of the database.</summary>
public sealed class DirectIntake(InboxAppender inbox) : IWebhookIntake
{
    /// <inheritdoc/>
    public async Task AcceptAsync(byte[] body)
    {
        try
        {
            await inbox.AppendAsync(body);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InboxFullException or IOException)
        {
            throw new WebhookIntakeException(failure);
        }
    }
}
