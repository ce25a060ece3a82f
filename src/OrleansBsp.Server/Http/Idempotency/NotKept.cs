namespace OrleansBsp.Server.Http;

/// <summary>
/// Metadata: the answer of this POST is never kept under an Idempotency-Key, because it hands out a secret (a session, a new API key)
/// or its body has one. The header is accepted and a repetition runs again.
/// </summary>
public sealed class NotKept
{
    public static readonly NotKept Instance = new();
}
