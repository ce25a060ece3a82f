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
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<SendOutcome> _pipeline;

    public Circuit(TimeProvider clock)
    {
        _pipeline = new ResiliencePipelineBuilder<SendOutcome> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<SendOutcome>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(5),
                BreakDuration = TimeSpan.FromSeconds(3),
                StateProvider = _state,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is SendOutcome.Uncertain
                    || arguments.Outcome.Result is SendOutcome.Retry { Fault.Code: null }),
            })
            .Build();
    }

    /// <summary>No message should be released now.</summary>
    public bool IsOpen => _state.CircuitState is CircuitState.Open or CircuitState.Isolated;

    /// <summary>At most one message should be released now: the one that tries.</summary>
    public bool IsTrying => _state.CircuitState is CircuitState.HalfOpen;

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
