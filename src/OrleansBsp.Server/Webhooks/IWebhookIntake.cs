namespace OrleansBsp.Server.Webhooks;

/// <summary>Where the front door puts a body whose signature is good.</summary>
/// <remarks>
/// Both ways pass <c>WebhookEndpointsTests</c>. Without SQS a body waits in memory only for the commit of its group, and Meta with it: a queue of this process would lose what had been answered 200.
/// </remarks>
public interface IWebhookIntake
{
    /// <summary>Completes when the body is stored so that no crash loses it: then, and only then, Meta may be told so.</summary>
    /// <exception cref="WebhookIntakeException">It could not be stored now; Meta should come again. It may be stored all the same.</exception>
    Task AcceptAsync(byte[] body);
}

/// <summary>The body could not be stored now.</summary>
public sealed class WebhookIntakeException(Exception cause) : Exception(cause.Message, cause);
