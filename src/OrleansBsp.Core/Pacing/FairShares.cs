namespace OrleansBsp.Core.Pacing;

/// <summary>
/// How many permits each campaign of a number may take at once, so that campaigns which all want more than they get send equally fast,
/// although some ask more often than others.
/// </summary>
/// <remarks>
/// Each has an account: how far it is ahead of the others, in permits. Whoever is ahead takes less at once, and less far ahead of the
/// clock, so that those behind find room; they take up to twice their share. Nobody is sent away: what the others do not ask for is not
/// left unused. A campaign that wants little (its own limit, its last recipients) has no account and takes nothing from the others.
/// Times are of one monotonic clock. Not thread-safe.
/// </remarks>
/// <param name="active">A campaign that has not asked for this long does not take part in the sharing.</param>
public sealed class FairShares(TimeSpan active)
{
    // Old debts are forgotten: one that stood still must not hold the others back for long when it goes on.
    private const double MostAhead = 4;
    private const double LeastOfShare = 0.25;

    private readonly Dictionary<long, Account> _accounts = [];

    /// <summary>What this campaign may take now, at least 1.</summary>
    /// <param name="want">What it could use.</param>
    /// <param name="permits">What there is for all of them in a slot.</param>
    public int MostFor(long campaign, int want, double permits, TimeSpan now)
    {
        foreach (var (idle, _) in _accounts.Where(account => now - account.Value.LastAsked > active).ToList()) _accounts.Remove(idle);
        if (!_accounts.TryGetValue(campaign, out var own)) _accounts[campaign] = own = new Account();
        own.LastAsked = now;
        own.Share = permits / _accounts.Count;
        own.WantsMore = want >= own.Share;
        if (!own.WantsMore) own.Ahead = 0;
        var part = Math.Clamp(1 - own.Ahead / (2 * own.Share), LeastOfShare, 2);
        return Math.Max(1, Math.Min(want, (int)Math.Ceiling(own.Share * part)));
    }

    /// <summary>Others come first: they have had less, or want little. They must find room, so it may not take the farthest permits.</summary>
    public bool LeavesRoom(long campaign)
    {
        var own = _accounts[campaign];
        return own.WantsMore && (own.Ahead > 0 || _accounts.Values.Any(account => !account.WantsMore));
    }

    /// <summary>This many were granted to it.</summary>
    public void Granted(long campaign, int count)
    {
        var own = _accounts[campaign];
        if (count == 0 || !own.WantsMore) return;
        var sharing = _accounts.Values.Where(account => account.WantsMore).ToList();
        own.Ahead += count;
        foreach (var account in sharing)
            account.Ahead = Math.Clamp(account.Ahead - (double)count / sharing.Count, -MostAhead * account.Share, MostAhead * account.Share);
    }

    private sealed class Account
    {
        public TimeSpan LastAsked { get; set; }

        public double Share { get; set; }

        public double Ahead { get; set; }

        public bool WantsMore { get; set; }
    }
}
