namespace OrleansBsp.Core.Templates;

/// <summary>Checks a campaign's parameters against its template.</summary>
public static class TemplateBinding
{
    /// <summary>
    /// Finds variables without a binding, bindings without a variable, unknown columns, a header of the wrong kind, a wrong
    /// number of cards, and constants that Meta would refuse.
    /// </summary>
    /// <param name="columns">The audience's columns; null while there is no audience, and then columns are not checked.</param>
    /// <returns>Empty if <see cref="CompiledTemplate.Compile"/> will succeed.</returns>
    public static IReadOnlyList<BindingError> Check(
        TemplateDefinition template, ParameterBindings bindings, IReadOnlyList<string>? columns)
    {
        using var context = new PlanContext(template, columns is null ? null : new ColumnNames(columns));
        return Plan(context, bindings, out _) ? [] : context.Errors;
    }

    internal static bool Plan(
        PlanContext context, ParameterBindings bindings, out (PartPlan Message, IReadOnlyList<PartPlan> Cards) plan)
    {
        foreach (var problem in context.Template.Problems)
        {
            context.Error("", BindingErrorCodes.TemplateNotSendable, problem.Message);
        }

        // The rest would be noise: a template that cannot be read has variables nobody knows.
        plan = default;
        if (context.Errors.Count == 0)
        {
            plan = new MessagePlanner(context, bindings).Write();
        }

        return context.Errors.Count == 0;
    }
}
