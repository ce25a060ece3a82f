using System.Buffers;

namespace OrleansBsp.Core.Templates;

/// <summary>
/// A campaign's message, ready to be rendered for one row after another: the constant parts are bytes already, and a row
/// costs its values only. Immutable, so any number of threads may render at once.
/// </summary>
public sealed class CompiledTemplate
{
    /// <summary>Meta's limit for <c>biz_opaque_callback_data</c>, in characters (reference 1.1).</summary>
    public const int LongestToken = 512;

    private readonly Slot[] _slots;
    private readonly FilledText[] _texts;
    private readonly byte[][] _literals;
    private readonly int[] _holes;
    private readonly int _literalBytes;
    private readonly TemplateDefinition _template;
    private readonly PartPlan _message;
    private readonly IReadOnlyList<PartPlan> _cards;

    private CompiledTemplate(PlanContext context, PartPlan message, IReadOnlyList<PartPlan> cards)
    {
        _template = context.Template;
        _slots = [.. context.Slots];
        _texts = [.. context.Texts];
        (_literals, _holes) = context.Writer.Finish();
        _literalBytes = _literals.Sum(literal => literal.Length);
        _message = message;
        _cards = cards;
    }

    /// <summary>Positions of the columns that the message uses, ascending. An audience need keep no others.</summary>
    public IReadOnlyList<int> UsedColumns => [.. _slots.SelectMany(slot => slot.ColumnIndexes).Distinct().Order()];

    /// <summary>Compiles parameters that <see cref="TemplateBinding.Check"/> accepted with the same columns.</summary>
    /// <exception cref="ArgumentException">They were not accepted: a caller's bug, or a template that changed since. The message lists why.</exception>
    public static CompiledTemplate Compile(TemplateDefinition template, ParameterBindings bindings, IReadOnlyList<string> columns) =>
        TryCompile(template, bindings, columns, out var errors)
        ?? throw new ArgumentException($"Template \"{template.Name}\" does not fit its parameters: {string.Join(" ", errors.Select(error => $"{error.Pointer}: {error.Message}"))}", nameof(bindings));

    /// <summary>As <see cref="Compile"/>, for callers that expect the template to have changed since the check.</summary>
    /// <returns>Null if there are errors.</returns>
    public static CompiledTemplate? TryCompile(
        TemplateDefinition template, ParameterBindings bindings, IReadOnlyList<string> columns, out IReadOnlyList<BindingError> errors)
    {
        using var context = new PlanContext(template, new ColumnNames(columns));
        var fits = TemplateBinding.Plan(context, bindings, out var plan);
        errors = context.Errors;
        return fits ? new CompiledTemplate(context, plan.Message, plan.Cards) : null;
    }

    /// <summary>Writes the complete body of the POST to Meta (reference 1.1, 1.8), or nothing if the row must be refused.</summary>
    /// <param name="to">The recipient's number in E.164, with or without its plus.</param>
    /// <param name="token">Comes back in each status; at most <see cref="LongestToken"/> characters.</param>
    /// <param name="row">The row's values in the order of the columns compiled with; missing ones are empty.</param>
    public RenderResult Render(IBufferWriter<byte> output, string to, string token, ReadOnlySpan<string> row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(token.Length, LongestToken);
        var values = new string[_slots.Length];
        return Evaluate(row, values) is { } problem
            ? new RenderResult(problem, 0)
            : new RenderResult(null, Write(output, to, token, values));
    }

    /// <summary>The first reason to refuse this row; null if it can be sent. Costs about as much as rendering it.</summary>
    public RowProblem? CheckRow(ReadOnlySpan<string> row) => Evaluate(row, new string[_slots.Length]);

    /// <summary>The message as its recipient would see it, also where the row would be refused. For samples and screens.</summary>
    public MessagePreview RenderPreview(ReadOnlySpan<string> row)
    {
        var values = new string[_slots.Length];
        var problems = new List<RowProblem>();
        for (var i = 0; i < values.Length; i++)
        {
            if (_slots[i].Evaluate(row, out values[i]) is { } problem)
            {
                problems.Add(problem);
            }
        }

        foreach (var text in _texts)
        {
            if (text.CheckLength(values, _slots) is { } problem)
            {
                problems.Add(problem);
            }
        }

        var message = PartPreview.Of(_message, values);
        return new MessagePreview(message, _template.Footer, [.. _cards.Select(card => PartPreview.Of(card, values))], problems);
    }

    private RowProblem? Evaluate(ReadOnlySpan<string> row, string[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (_slots[i].Evaluate(row, out values[i]) is { } problem)
            {
                return problem;
            }
        }

        foreach (var text in _texts)
        {
            if (text.CheckLength(values, _slots) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private int Write(IBufferWriter<byte> output, string to, string token, string[] values)
    {
        // One request for the worst case and one advance: cheaper than asking per piece, and the buffer is reused.
        var most = 1 + ((to.Length + token.Length) * JsonText.MostBytesPerChar) + _literalBytes;
        foreach (var hole in _holes)
        {
            most += hole >= 0 ? values[hole].Length * JsonText.MostBytesPerChar : 0;
        }

        var target = output.GetSpan(most);
        var written = 0;
        for (var i = 0; i < _holes.Length; i++)
        {
            _literals[i].CopyTo(target[written..]);
            written += _literals[i].Length;
            written += _holes[i] switch
            {
                MessagePlanner.ToHole => WriteNumber(to, target[written..]),
                MessagePlanner.TokenHole => JsonText.Write(token, target[written..]),
                var slot => JsonText.Write(values[slot], target[written..]),
            };
        }

        _literals[^1].CopyTo(target[written..]);
        written += _literals[^1].Length;
        output.Advance(written);
        return written;
    }

    /// <summary>With its plus: without, Meta may prepend the business's own country code (reference 1.3).</summary>
    private static int WriteNumber(string to, Span<byte> target)
    {
        target[0] = (byte)'+';
        return 1 + JsonText.Write(to.AsSpan().TrimStart('+'), target[1..]);
    }
}
