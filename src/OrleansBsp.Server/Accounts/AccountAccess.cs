using System.Collections.Concurrent;
using System.Net.Http.Headers;
using OrleansBsp.Server.Meta;

namespace OrleansBsp.Server.Accounts;

/// <summary>What sending for an account needs: its token, decrypted, and its circuit. One per process.</summary>
public sealed class AccountAccess(TokenCipher cipher, AccountStore accounts, TimeProvider clock, ILogger<AccountAccess> log)
{
    private readonly ConcurrentDictionary<string, Circuit> _circuits = new();
    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> _tokens = new();
    private readonly ConcurrentDictionary<string, string> _unreadable = new();

    /// <summary>The token that was learned last: sends take it at their moment, because an operator may replace it in the middle of a campaign.</summary>
    public AuthenticationHeaderValue TokenOf(string wabaId) => _tokens[wabaId];

    /// <summary>Null: none has been learned here.</summary>
    public AuthenticationHeaderValue? FindToken(string wabaId) => _tokens.GetValueOrDefault(wabaId);

    /// <summary>Whether this process can send for the account: it knows its token, and could read what was stored last, or can read it now.</summary>
    public async ValueTask<bool> HasTokenAsync(string wabaId, CancellationToken cancel) =>
        (_tokens.ContainsKey(wabaId) && !_unreadable.ContainsKey(wabaId)) || (await accounts.FindAsync(wabaId, cancel) is { } account && TryLearn(wabaId, account.AccessToken));

    /// <summary>This is what is stored now.</summary>
    /// <returns>False: this process cannot read it, and says so in the log, once.</returns>
    public bool TryLearn(string wabaId, byte[] storedToken)
    {
        try
        {
            Learn(wabaId, storedToken);
            return true;
        }
        catch (TokenUnreadableException unreadable)
        {
            if (_unreadable.TryAdd(wabaId, unreadable.Message)) log.TokenUnreadable(unreadable.Message);
            return false;
        }
    }

    /// <summary>This is what is stored now.</summary>
    /// <exception cref="TokenUnreadableException"/>
    public AuthenticationHeaderValue Learn(string wabaId, byte[] storedToken)
    {
        var token = _tokens[wabaId] = new AuthenticationHeaderValue("Bearer", cipher.Decrypt(wabaId, storedToken));
        _unreadable.TryRemove(wabaId, out _);
        return token;
    }

    public Circuit CircuitOf(string wabaId) => _circuits.GetOrAdd(wabaId, _ => new Circuit(clock));
}
