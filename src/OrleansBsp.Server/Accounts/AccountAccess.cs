using System.Collections.Concurrent;
using System.Net.Http.Headers;
using OrleansBsp.Server.Meta;

namespace OrleansBsp.Server.Accounts;

/// <summary>What sending for an account needs: its token, decrypted, and its circuit. One per process.</summary>
public sealed class AccountAccess(TokenCipher cipher, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Circuit> _circuits = new();

    public AuthenticationHeaderValue TokenOf(string wabaId, byte[] storedToken) => new("Bearer", cipher.Decrypt(wabaId, storedToken));

    public Circuit CircuitOf(string wabaId) => _circuits.GetOrAdd(wabaId, _ => new Circuit(clock));
}
