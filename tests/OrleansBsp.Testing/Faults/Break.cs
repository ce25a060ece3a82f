namespace OrleansBsp.Testing.Faults;

/// <summary>The ways in which a line breaks.</summary>
public enum Break
{
    /// <summary>Connections are reset, new ones refused.</summary>
    Cut,

    /// <summary>Nothing comes through, either way.</summary>
    Silent,

    /// <summary>What is asked does not arrive.</summary>
    Deaf,

    /// <summary>What is asked arrives and is done; the answers do not come.</summary>
    Mute,
}

public static class BreakExtensions
{
    public static string InWords(this Break how) => how switch
    {
        Break.Cut => "cut",
        Break.Silent => "silent both ways",
        Break.Deaf => "silent on the way there",
        Break.Mute => "silent on the way back",
    };

    public static async Task BreakAsync(this Cable line, Break how)
    {
        if (how == Break.Cut) await line.CutAsync();
        else line.Hold(there: how != Break.Mute, back: how != Break.Deaf);
    }
}
