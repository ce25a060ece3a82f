namespace OrleansBsp.Core.Templates;

/// <summary>What a preview needs to know of a planned message or card. Slot numbers are -1 where there is no slot.</summary>
internal sealed record PartPlan(TemplateParts Parts, FilledText? Header, int HeaderSlot, FilledText? Body, int[] ButtonSlots);
