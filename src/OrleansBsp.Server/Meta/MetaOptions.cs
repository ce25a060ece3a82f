using System.ComponentModel.DataAnnotations;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Meta;

/// <summary>Section <c>Meta</c>: how Meta is reached, and what proves that a webhook is Meta's.</summary>
public sealed class MetaOptions
{
    /// <summary>Address of the Graph API with its version. A version is always pinned: without one Meta takes the newest.</summary>
    [WebAddress]
    public Uri GraphBaseUrl { get; set; } = new("https://graph.facebook.com/v26.0/");

    /// <summary>The app secret: the key of <c>X-Hub-Signature-256</c>. Empty: every webhook is refused, and the start warns of it.</summary>
    public string AppSecret { get; set; } = "";

    /// <summary>What Meta must repeat when the webhook's address is registered. Empty: it cannot be registered, and the start warns of it.</summary>
    public string VerifyToken { get; set; } = "";

    /// <summary>
    /// File with the key of the stored access tokens: 32 bytes, the same for every process of the installation. Must be there. Empty
    /// (default): <c>token.key</c> in the data folder, made at the first start, which is right for one process only.
    /// </summary>
    public string TokenKeyFile { get; set; } = "";

    /// <summary>
    /// Speak HTTP/2 without TLS negotiation (prior knowledge), for the simulator. Over TLS HTTP/2 is negotiated and this is ignored.
    /// </summary>
    public bool Http2PriorKnowledge { get; set; }

    /// <summary>How long the answer to one message may take. Default 20 s. After it the message is uncertain, so do not be hasty.</summary>
    [Range(1, 86_400)]
    public int SendTimeoutSeconds { get; set; } = 20;

    /// <summary>How long a management call (numbers, templates) may take. Default 30 s.</summary>
    [Range(1, 86_400)]
    public int ControlTimeoutSeconds { get; set; } = 30;

    /// <summary>Connections to Meta with HTTP/1.1. With HTTP/2 one connection carries about 100 messages at a time.</summary>
    [Range(1, int.MaxValue)]
    public int MaxConnections { get; set; } = 256;
}
