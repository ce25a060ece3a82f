namespace OrleansBsp.Core.Tests.Campaigns.Model;

/// <summary>
/// A campaign from its first release to its end, with crashes and takeovers between any two steps. Nothing in it but the rules of
/// Core and what the design promises of the database: transactions, and the epoch.
/// </summary>
internal sealed class CampaignModel
{
    private readonly StoreModel _store;
    private readonly MetaModel _meta;
    private readonly Variant _variant;
    private readonly Random _random;
    private readonly List<OwnerModel> _superseded = [];
    private OwnerModel _owner;

    private CampaignModel(Variant variant, int planned, int seed)
    {
        _variant = variant;
        _random = new Random(seed);
        _store = new StoreModel(planned, variant);
        _meta = new MetaModel(_random);
        _owner = new OwnerModel(_store, _meta, variant, _random);
    }

    /// <returns>The first invariant that did not hold, or null.</returns>
    public static string? Run(Variant variant, int planned, IEnumerable<byte> steps, int seed)
    {
        var model = new CampaignModel(variant, planned, seed);
        foreach (var step in steps)
        {
            model.Step(step);
            if (model.FindFault() is { } fault) return fault;
        }

        return model.Finish();
    }

    private string? FindFault() => _meta.Fault ?? _store.FindFault();

    private void Step(byte step)
    {
        // A superseded owner that does not know it yet goes on for a while.
        var owner = _superseded.Count > 0 && _random.Next(3) == 0 ? _superseded[_random.Next(_superseded.Count)] : _owner;
        switch (step % 16)
        {
            case 0 or 1 or 2: owner.Release(1 + step / 16 % 5); break;
            case 3: owner.ReleaseAgain(); break;
            case 4 or 5 or 6 or 7: owner.Send(); break;
            case 8 or 9 or 10: owner.Flush(1 + step / 16); break;
            case 11 or 12 when _meta.HasStatuses: _owner.Hear(_meta.Report(again: step >= 128)); break;
            case 13: owner.Settle(); break;
            case 14: TakeOver(); break;
            case 15 when step == 255: _store.Cancel(); break;
            case 15 when step >= 128:
                _superseded.Clear();
                Crash();
                break;
        }

        _superseded.RemoveAll(gone => gone.IsGone);
    }

    private void TakeOver()
    {
        _superseded.Add(_owner);
        Crash();
    }

    private void Crash() => _owner = new OwnerModel(_store, _meta, _variant, _random);

    /// <summary>No more crashes: the campaign must come to its end, with every recipient explained.</summary>
    private string? Finish()
    {
        _superseded.Clear();
        for (var round = 0; round < 1000; round++)
        {
            _owner.Release(10);
            _owner.ReleaseAgain();
            while (_meta.HasStatuses) _owner.Hear(_meta.Report(again: false));
            for (var send = 0; send < 50; send++) _owner.Send();
            _owner.Flush(int.MaxValue);
            _owner.Settle();
            _owner.Flush(int.MaxValue);
            if (FindFault() is { } fault) return fault;
            if (_owner.IsIdle && !_meta.HasStatuses && _store.Books.IsComplete) return null;
        }

        return $"never complete: {_store.Books.NotReleased} not released, {_store.Books.InFlight} in flight";
    }
}
