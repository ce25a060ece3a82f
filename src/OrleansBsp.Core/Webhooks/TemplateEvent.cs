namespace OrleansBsp.Core.Webhooks;

/// <summary>A change of a template (reference 5.7).</summary>
/// <param name="WabaId">The WABA it belongs to.</param>
/// <param name="TemplateId">As text: webhooks send an integer, the API a string. Null if missing; then there is a name.</param>
/// <param name="Name">The template's name.</param>
/// <param name="Language">With underscore (<c>en_US</c>), whichever way Meta wrote it.</param>
/// <param name="At">Time of the entry.</param>
public abstract record TemplateEvent(string? WabaId, string? TemplateId, string? Name, string? Language, DateTimeOffset? At)
{
    /// <summary>Approved, rejected, paused, disabled …</summary>
    public sealed record StatusChanged(string? WabaId, string? TemplateId, string? Name, string? Language, DateTimeOffset? At)
        : TemplateEvent(WabaId, TemplateId, Name, Language, At)
    {
        /// <summary>Meta's word, e.g. <c>APPROVED</c>. Also the end of a pause is <c>APPROVED</c>.</summary>
        public required string Event { get; init; }

        /// <summary>Why rejected; null for Meta's <c>NONE</c>.</summary>
        public string? Reason { get; init; }

        /// <summary>The template's category.</summary>
        public string? Category { get; init; }

        /// <summary>E.g. <c>FIRST_PAUSE</c>, <c>UNPAUSE</c>.</summary>
        public string? NoteTitle { get; init; }

        /// <summary>Meta's words on a pause, how long it lasts among them.</summary>
        public string? Note { get; init; }

        /// <summary>What is wrong with the format, in Meta's words.</summary>
        public string? RejectionReason { get; init; }

        /// <summary>What Meta recommends.</summary>
        public string? Recommendation { get; init; }

        /// <summary>When it was or will be disabled.</summary>
        public DateTimeOffset? DisabledAt { get; init; }

        /// <inheritdoc/>
        public override T Match<T>(
            Func<StatusChanged, T> status, Func<QualityChanged, T> quality, Func<ComponentsChanged, T> components, Func<CategoryChanged, T> category) =>
            status(this);
    }

    /// <summary>GREEN, YELLOW, RED, UNKNOWN.</summary>
    public sealed record QualityChanged(
        string? WabaId, string? TemplateId, string? Name, string? Language, DateTimeOffset? At, string? Previous, string Current)
        : TemplateEvent(WabaId, TemplateId, Name, Language, At)
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<StatusChanged, T> status, Func<QualityChanged, T> quality, Func<ComponentsChanged, T> components, Func<CategoryChanged, T> category) =>
            quality(this);
    }

    /// <summary>Somebody edited the template: read it again from Meta rather than trust this excerpt.</summary>
    public sealed record ComponentsChanged(
        string? WabaId, string? TemplateId, string? Name, string? Language, DateTimeOffset? At, string? Header, string? Body, string? Footer, string? ButtonsJson)
        : TemplateEvent(WabaId, TemplateId, Name, Language, At)
    {
        /// <inheritdoc/>
        public override T Match<T>(
            Func<StatusChanged, T> status, Func<QualityChanged, T> quality, Func<ComponentsChanged, T> components, Func<CategoryChanged, T> category) =>
            components(this);
    }

    /// <summary>The category has changed or is going to: price, per-user limit and opt-out rules change with it.</summary>
    public sealed record CategoryChanged(string? WabaId, string? TemplateId, string? Name, string? Language, DateTimeOffset? At)
        : TemplateEvent(WabaId, TemplateId, Name, Language, At)
    {
        /// <summary>Before a completed change; null while it is impending.</summary>
        public string? Previous { get; init; }

        /// <summary>The category now. In an impending change Meta calls the current one <c>new_category</c>.</summary>
        public string? Current { get; init; }

        /// <summary>The category to come (<c>correct_category</c>); null for a completed change.</summary>
        public string? Upcoming { get; init; }

        /// <summary>When <see cref="Upcoming"/> takes effect.</summary>
        public DateTimeOffset? UpcomingAt { get; init; }

        /// <inheritdoc/>
        public override T Match<T>(
            Func<StatusChanged, T> status, Func<QualityChanged, T> quality, Func<ComponentsChanged, T> components, Func<CategoryChanged, T> category) =>
            category(this);
    }

    /// <summary>One answer per kind.</summary>
    public abstract T Match<T>(
        Func<StatusChanged, T> status, Func<QualityChanged, T> quality, Func<ComponentsChanged, T> components, Func<CategoryChanged, T> category);
}
