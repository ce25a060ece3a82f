using System.Collections.Concurrent;
using System.Net.Http.Headers;
using OrleansBsp.Server.Meta;

namespace OrleansBsp.Server.Accounts;

/// <summary>What sending for an account needs: its token, decrypted, and its circuit. One per process.</summary>
public sealed class AccountAccess(TokenCipher cipher, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Circuit> _circuits = new();
    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> _tokens = new();

    /// <summary>The token that was learned last: sends take it at their moment, because an operator may replace it in the middle of a campaign.</summary>
    public AuthenticationHeaderValue TokenOf(string wabaId) => _tokens[wabaId];

    /// <summary>This is what is stored now.</summary>
    public AuthenticationHeaderValue Learn(string wabaId, byte[] storedToken) =>
        _tokens[wabaId] = new AuthenticationHeaderValue("Bearer", cipher.Decrypt(wabaId, storedToken));

    public Circuit CircuitOf(string wabaId) => _circuits.GetOrAdd(wabaId, _ => new Circuit(clock));
}
