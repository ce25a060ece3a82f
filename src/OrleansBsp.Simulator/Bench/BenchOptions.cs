namespace OrleansBsp.Simulator.Bench;

/// <summary>What <c>--bench</c> measures; set as <c>--Bench:Seconds 10</c> and so on.</summary>
public sealed class BenchOptions
{
    /// <summary>Time of sending, seconds. Default 8.</summary>
    public int Seconds { get; set; } = 8;

    /// <summary>Sends in flight. Default 256.</summary>
    public int Concurrency { get; set; } = 256;

    /// <summary>Sends per second, evenly; 0 is as fast as it goes. Default 0.</summary>
    public int Rate { get; set; }

    /// <summary>Status updates per webhook. Default 100.</summary>
    public int MaxUpdates { get; set; } = 100;
}
