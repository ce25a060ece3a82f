namespace OrleansBsp.Core.Messages;

/// <summary>What an error code of Meta asks of the sender (reference 2.2). One code, one class.</summary>
public enum MetaErrorClass
{
    /// <summary>Refused before processing: the same message may be posted again after the rule's wait.</summary>
    RetryLater,

    /// <summary>Refused before processing because the scope sends too fast: wait, and send slower from that scope.</summary>
    SlowDown,

    /// <summary>Only this recipient must wait; everybody else goes on.</summary>
    RecipientWait,

    /// <summary>This recipient does not get this message. Final.</summary>
    RefuseRecipient,

    /// <summary>Every further message of the campaign or template will fail: the campaign pauses.</summary>
    StopCampaign,

    /// <summary>Nothing can be sent from the scope (number, WABA, app) until a person has acted.</summary>
    StopAccount,

    /// <summary>Bad data or a bug in this request: the recipient is refused; if it repeats, the campaign pauses.</summary>
    Fix,

    /// <summary>The message may be on its way in spite of the error: never repeat it blindly (reference 2.9).</summary>
    Uncertain,
}

/// <summary>Names of the classes outside the process: in the API (<c>classes</c> of a campaign's retry) and in stored rows.</summary>
public static class MetaErrorClasses
{
    /// <summary>The stable name. Renaming a member of the enum must not change it: rows and clients hold it.</summary>
    public static string Name(this MetaErrorClass value) => value switch
    {
        MetaErrorClass.RetryLater => "retryLater",
        MetaErrorClass.SlowDown => "slowDown",
        MetaErrorClass.RecipientWait => "recipientWait",
        MetaErrorClass.RefuseRecipient => "refuseRecipient",
        MetaErrorClass.StopCampaign => "stopCampaign",
        MetaErrorClass.StopAccount => "stopAccount",
        MetaErrorClass.Fix => "fix",
        MetaErrorClass.Uncertain => "uncertain",
    };

    /// <summary>The class with this stable name; false for any other text. Case matters.</summary>
    public static bool TryParse(string? name, out MetaErrorClass value)
    {
        foreach (var candidate in Enum.GetValues<MetaErrorClass>())
        {
            if (candidate.Name() == name)
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
