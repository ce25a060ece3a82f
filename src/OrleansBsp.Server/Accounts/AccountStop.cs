using System.Collections.Concurrent;
using System.Net.Http.Headers;
using OrleansBsp.Core.Messages;
using OrleansBsp.Core.PhoneNumbers;
using OrleansBsp.Server.PhoneNumbers;

namespace OrleansBsp.Server.Accounts;

/// <summary>
/// Carries out what an error of Meta asks beyond its message: slow a number or an account down, pause the campaign, stop the number or
/// the account until a person has acted.
/// </summary>
public sealed class AccountStop(
    AccountStore accounts, AccountAccess access, PhoneNumberStore numbers, SendClock clock, IGrainFactory grains, ILogger<AccountStop> log)
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, MetaErrorScope> _stopping = new();

    /// <summary>Never throws; what fails here happens again with the next message.</summary>
    /// <param name="token">What the message was sent with; null where none was sent.</param>
    public async Task HandleAsync(PhoneNumberId number, SendFault fault, AuthenticationHeaderValue? token, Func<string, Task> pauseCampaign)
    {
        try
        {
            var reason = $"{fault.Rule.Title} (Meta's error {fault.Code}). {fault.Rule.Advice}";
            await (fault.Rule.Class switch
            {
                MetaErrorClass.SlowDown => SlowDownAsync(number, fault.Rule.Scope),
                MetaErrorClass.StopCampaign => pauseCampaign(reason),
                MetaErrorClass.StopAccount when fault.Rule.Scope is MetaErrorScope.Number or MetaErrorScope.Waba or MetaErrorScope.App =>
                    StopOnceAsync(number, fault.Rule.Scope, reason, token),
                // A feature or a kind of template is stopped, not the account: other campaigns go on.
                MetaErrorClass.StopAccount => pauseCampaign(reason),
                MetaErrorClass.RetryLater or MetaErrorClass.RecipientWait or MetaErrorClass.RefuseRecipient
                    or MetaErrorClass.Fix or MetaErrorClass.Uncertain => Task.CompletedTask,
            });
        }
        catch (Exception failure)
        {
            log.StopFailed(number.Value, failure);
        }
    }

    private async Task SlowDownAsync(PhoneNumberId number, MetaErrorScope scope)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        List<PhoneNumberId> affected = scope is MetaErrorScope.Waba or MetaErrorScope.App && await accounts.WabaOfAsync(number, limit.Token) is { } waba
            ? await accounts.AwakeNumbersOfAsync(waba, limit.Token)
            : [number];
        foreach (var one in affected) await Grain(one).ReportThrottled();
    }

    /// <summary>
    /// When an account is stopped everything on its way is refused, up to a second's worth: one of them stops it, and what waits for its
    /// moment here does not run into the same refusal meanwhile.
    /// </summary>
    private async Task StopOnceAsync(PhoneNumberId number, MetaErrorScope scope, string reason, AuthenticationHeaderValue? token)
    {
        clock.LaneOf(number).HoldUntil(clock.Now + Hold);
        if (!_stopping.TryAdd(number.Value, scope)) return;
        try
        {
            await StopAsync(number, scope, reason, token);
        }
        finally
        {
            _stopping.TryRemove(number.Value, out _);
        }
    }

    private async Task StopAsync(PhoneNumberId number, MetaErrorScope scope, string reason, AuthenticationHeaderValue? token)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var waba = await accounts.WabaOfAsync(number, limit.Token);
        List<PhoneNumberId> affected = [number];
        if (scope == MetaErrorScope.Number || waba is null)
        {
            await numbers.StopAsync(number, reason, limit.Token);
        }
        else
        {
            if (await accounts.FindAsync(waba, limit.Token) is not { } account) return;
            // Meta's word on a token that has been replaced meanwhile says nothing of the account as it is now.
            if (token is not null && !access.Learn(waba, account.AccessToken).Equals(token)) return;
            await accounts.StopAsync(waba, reason, token is null ? null : account.AccessToken, limit.Token);
            affected = await accounts.AwakeNumbersOfAsync(waba, limit.Token);
        }

        log.Stopped(scope == MetaErrorScope.Number ? number.Value : waba ?? number.Value, reason);
        foreach (var one in affected) await Grain(one).Refresh();
    }

    private IPhoneNumberGrain Grain(PhoneNumberId number) => grains.GetGrain<IPhoneNumberGrain>($"p:{number}");
}
