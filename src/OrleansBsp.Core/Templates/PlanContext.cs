namespace OrleansBsp.Core.Templates;

/// <summary>
/// What the planners of the message's parts share: the writer, the slots found so far and the errors. Checking and
/// compiling are one walk on purpose, so that a checked campaign always compiles. Lives for one walk, on one thread.
/// </summary>
/// <param name="columns">Null while the audience is not uploaded: columns are then not checked.</param>
internal sealed class PlanContext(TemplateDefinition template, ColumnNames? columns) : IDisposable
{
    public TemplateDefinition Template => template;

    public PlanWriter Writer { get; } = new();

    public List<Slot> Slots { get; } = [];

    public List<FilledText> Texts { get; } = [];

    public List<BindingError> Errors { get; } = [];

    public void Error(string pointer, string code, string message) => Errors.Add(new BindingError(pointer, code, message));

    /// <summary>Adds a slot and reports what is wrong with its columns, its constant or its fallback.</summary>
    /// <returns>The slot's number.</returns>
    public int Add(Binding binding, string label, ValueRule rule = ValueRule.Text, int maxLength = ValueRules.Unlimited)
    {
        var parts = binding.Parts.Select(part => Resolve(binding, part, label)).ToArray();
        var fallback = binding.Fallback is null ? null : ParameterText.Clean(binding.Fallback);
        var slot = new Slot(binding.Pointer, label, rule, maxLength, parts, fallback is "" ? null : fallback);
        if (slot.TryFix() is { } error)
        {
            Errors.Add(error);
        }

        Slots.Add(slot);
        return Slots.Count - 1;
    }

    /// <summary>Adds the slot and writes it as a string property.</summary>
    public int AddText(string property, Binding binding, string label, ValueRule rule = ValueRule.Text, int maxLength = ValueRules.Unlimited)
    {
        var number = Add(binding, label, rule, maxLength);
        Writer.Text(property, Slots[number], number);
        return number;
    }

    /// <summary>Constants alone may already be too long for their text: then every row would be refused.</summary>
    public void CheckConstantLengths()
    {
        string[] values = [.. Slots.Select(slot => slot.Constant ?? "")];
        foreach (var text in Texts)
        {
            if (text.CheckLength(values, [.. Slots]) is { } problem)
            {
                Error(problem.Pointer, problem.Code, problem.Message);
            }
        }
    }

    public void Dispose() => Writer.Dispose();

    private SlotPart Resolve(Binding binding, BindingPart part, string label)
    {
        var index = part.Column is null || columns is null ? -1 : columns.Find(part.Column);
        if (part.Column is null || columns is null || index >= 0)
        {
            // The audience's own spelling goes into complaints about rows: it is the one in the user's file.
            return new SlotPart(part.Literal, index >= 0 ? columns!.Columns[index] : part.Column, index);
        }

        var known = columns.ListForMessage();
        if (index == ColumnNames.Ambiguous)
        {
            Error(binding.Pointer, BindingErrorCodes.AmbiguousColumn,
                $"{label}: several columns of the audience match \"{part.Column}\". Write the name exactly as in the file. Its columns are: {known}.");
        }
        else
        {
            Error(binding.Pointer, BindingErrorCodes.UnknownColumn,
                $"{label}: the audience has no column \"{part.Column}\". Its columns are: {known}.");
        }

        return new SlotPart(part.Literal, part.Column, -1);
    }
}
