using OrleansBsp.Simulator.Fates;

namespace OrleansBsp.Simulator.Ledgers;

/// <summary>One accepted message as tests and the control API see it.</summary>
/// <param name="Ordinal">Order of acceptance, from 0.</param>
/// <param name="To">Recipient digits, or the BSUID.</param>
/// <param name="Token"><c>biz_opaque_callback_data</c>, or null.</param>
/// <param name="ArrivalMicros">Monotonic microseconds since the simulator started; stamped first thing in the pipeline.</param>
/// <param name="ArrivalUnixMicros">The same instant as Unix microseconds.</param>
/// <param name="Template">Template name, or null for a free-form message.</param>
/// <param name="ParametersHash">16 hexadecimal digits over the parameters (free-form: the content) as they were sent.</param>
/// <param name="Body">Rendered text if bodies are kept, else null.</param>
/// <param name="Attempt">Ordinal of this send among all that arrived for the pair, from 1, refused ones included.</param>
/// <param name="State">Furthest state the receiver has acknowledged.</param>
/// <param name="FailureCode">Code of the failed status that was or will be sent, or null.</param>
public sealed record LedgerRecord(
    int Ordinal, string PhoneNumberId, string To, string? Token, string Wamid, long ArrivalMicros, long ArrivalUnixMicros,
    string? Template, string ParametersHash, string? Body, int Attempt, AnswerKind Answer, MessageState State, int? FailureCode);

/// <summary>Which part of the ledger is meant. Null selects all.</summary>
/// <param name="PhoneNumberId">One number.</param>
/// <param name="TokenPrefix">Messages whose token starts like this, for one campaign among several.</param>
/// <param name="To">One recipient, digits.</param>
/// <param name="FromOrdinal">First ordinal, for paging.</param>
public sealed record LedgerFilter(string? PhoneNumberId = null, string? TokenPrefix = null, string? To = null, int FromOrdinal = 0);
