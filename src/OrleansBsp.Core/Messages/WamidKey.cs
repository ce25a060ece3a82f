namespace OrleansBsp.Core.Messages;

/// <summary>
/// A 64-bit FNV-1a hash of a wamid, for the index: a wamid has 60 and more characters, and an index over them would cost
/// more than the message. Whoever finds a row by its key compares the wamid itself.
/// </summary>
public static class WamidKey
{
    public static long Of(string wamid)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in wamid) hash = (hash ^ character) * 1099511628211UL;
        return (long)hash;
    }
}
