using OrleansBsp.Simulator.Faults;
using Xunit.Sdk;

namespace OrleansBsp.Testing.Faults;

/// <summary>A part of the requests to Meta goes wrong in one of Meta's ways.</summary>
public sealed record StormAtMeta(Storm Storm, int Percent, int Seconds) : Fault
{
    public override string What => $"{Percent} % of the requests to Meta {InWords} for {Seconds} s";

    public override bool LosesAnswers => true;

    private string InWords => Storm switch
    {
        Storm.Hang => "hang",
        Storm.Reset => "are reset",
        Storm.ServerError => "get 500",
        Storm.Throttle => "get 429 (130429)",
        Storm.Slow => "take up to 3 s",
        Storm.Garbled => "get an answer that cannot be read",
    };

    public override async Task StrikeAsync(Stage stage, Action<string> tell, CancellationToken stop)
    {
        int struck;
        stage.Meta.Faults.Add(Rules());
        try
        {
            await LetActAsync(Seconds, stop);
        }
        finally
        {
            struck = stage.Meta.Faults.Rules.Sum(rule => rule.Struck);
            stage.Meta.Faults.Clear();
        }

        tell($"{struck} requests");
        if (struck == 0) throw new XunitException($"Not one request met this: {What}.");
    }

    private FaultRule[] Rules() => Storm switch
    {
        Storm.Hang => Half(FaultKind.HangBeforeAccept, FaultKind.HangAfterAccept),
        Storm.Reset => Half(FaultKind.ResetBeforeAccept, FaultKind.ResetAfterAccept),
        Storm.ServerError => Half(FaultKind.ServerErrorBeforeAccept, FaultKind.ServerErrorAfterAccept),
        Storm.Throttle => [new() { Kind = FaultKind.Error, Code = 130429, Probability = Percent / 100.0 }],
        Storm.Slow => [new() { Kind = FaultKind.Latency, MinMs = 200, MaxMs = 3000, Probability = Percent / 100.0 }],
        Storm.Garbled => Half(FaultKind.TruncatedJson, FaultKind.NotJson),
    };

    private FaultRule[] Half(FaultKind one, FaultKind other) =>
        [new() { Kind = one, Probability = Percent / 200.0 }, new() { Kind = other, Probability = Percent / 200.0 }];
}

/// <summary>Meta's ways to fail.</summary>
public enum Storm
{
    /// <summary>No answer; half of the messages were accepted.</summary>
    Hang,

    /// <summary>The stream is reset; half of the messages were accepted.</summary>
    Reset,

    /// <summary>HTTP 500; half of the messages were accepted.</summary>
    ServerError,

    Throttle,

    Slow,

    /// <summary>Accepted, and the answer is half of it or a page.</summary>
    Garbled,
}
