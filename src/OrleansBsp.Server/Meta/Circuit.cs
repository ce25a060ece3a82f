using OrleansBsp.Core.Messages;
using Polly;
using Polly.CircuitBreaker;

namespace OrleansBsp.Server.Meta;

/// <summary>
/// Opens when half of a WABA's sends get no answer: each of them would become an uncertain message. While it is open campaigns
/// release nothing; what was released already goes back unsent; then one message tries the way.
/// </summary>
public sealed class Circuit
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _clock;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<SendOutcome> _pipeline;
    private long _openedAt;

    public Circuit(TimeProvider clock)
    {
        _clock = clock;
        // Polly notes by the time of day until when it is open: a clock that is set back by a minute would keep the way shut for as long.
        _pipeline = new ResiliencePipelineBuilder<SendOutcome> { TimeProvider = new SteadyTime(clock) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<SendOutcome>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(5),
                BreakDuration = Break,
                StateProvider = _state,
                OnOpened = _ =>
                {
                    Volatile.Write(ref _openedAt, clock.GetTimestamp());
                    return default;
                },
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is SendOutcome.Uncertain
                    || arguments.Outcome.Result is SendOutcome.Retry { Fault.Code: null }),
            })
            .Build();
    }

    /// <summary>No message should be released now: the way is left alone, or one message is trying it.</summary>
    public bool IsOpen => _state.CircuitState switch
    {
        CircuitState.Closed => false,
        CircuitState.Open => !IsBreakOver,
        CircuitState.HalfOpen or CircuitState.Isolated => true,
    };

    /// <summary>One message should be released now, to try the way. The state changes with it and not by itself, so somebody must.</summary>
    public bool IsToBeTried => _state.CircuitState is CircuitState.Open && IsBreakOver;

    private bool IsBreakOver => _clock.GetElapsedTime(Volatile.Read(ref _openedAt)) >= Break;

    /// <summary>Runs the send, or answers for it that nothing was sent.</summary>
    public async ValueTask<SendOutcome> RunAsync<TState>(Func<TState, ValueTask<SendOutcome>> send, TState state, CancellationToken stop)
    {
        try
        {
            return await _pipeline.ExecuteAsync(static (call, _) => call.send(call.state), (send, state), stop);
        }
        catch (BrokenCircuitException)
        {
            return SendOutcome.NotSent("Meta has not been answering; waiting before the next try");
        }
    }
}
