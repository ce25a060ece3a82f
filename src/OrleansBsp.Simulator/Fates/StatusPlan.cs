namespace OrleansBsp.Simulator.Fates;

/// <summary>Names on the wire, in the product's order of rank: accepted &lt; held &lt; sent &lt; failed &lt; delivered &lt; read.</summary>
public enum MessageState : byte
{
    Accepted,
    Held,
    Sent,
    Failed,
    Delivered,
    Read,
}

/// <summary>One status to send: when, and which moment it tells of.</summary>
internal readonly record struct PlannedStatus(MessageState Status, int AtMs);

/// <summary>Turns a fate into the sequence of statuses. At most six: three, each repeated.</summary>
internal static class StatusPlan
{
    public const int MaxLength = 6;

    /// <summary>Fills the plan and returns its length.</summary>
    public static int Build(in Fate fate, Span<PlannedStatus> plan)
    {
        var length = 0;
        if (fate.FailureCode != 0)
        {
            plan[length++] = new(MessageState.Failed, fate.SentMs);
        }
        else
        {
            plan[length++] = new(MessageState.Sent, fate.SentMs);
            if ((fate.Flags & FateFlags.SilentDrop) == 0)
            {
                if ((fate.Flags & FateFlags.SkipDelivered) == 0)
                {
                    plan[length++] = new(MessageState.Delivered, fate.DeliveredMs);
                }

                if ((fate.Flags & FateFlags.Read) != 0)
                {
                    plan[length++] = new(MessageState.Read, fate.ReadMs);
                }
            }
        }

        if ((fate.Flags & FateFlags.Reorder) != 0)
        {
            Reverse(plan[..length]);
        }

        if ((fate.Flags & FateFlags.Duplicate) != 0)
        {
            // The repetitions follow as a whole, as after a delivery whose acknowledgement was lost.
            var last = plan[length - 1].AtMs;
            for (var i = 0; i < length; i++)
            {
                plan[length + i] = plan[i] with { AtMs = last + 1 + i };
            }

            length *= 2;
        }

        return length;
    }

    // The statuses change places; the moments of sending stay.
    private static void Reverse(Span<PlannedStatus> plan)
    {
        for (int i = 0, j = plan.Length - 1; i < j; i++, j--)
        {
            (plan[i], plan[j]) = (plan[i] with { Status = plan[j].Status }, plan[j] with { Status = plan[i].Status });
        }
    }
}
