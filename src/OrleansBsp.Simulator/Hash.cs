namespace OrleansBsp.Simulator;

/// <summary>Hashing for decisions that must come out the same on every run with the same seed.</summary>
internal static class Hash
{
    /// <summary>SplitMix64's finaliser: a bijection, so distinct inputs stay distinct.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public static ulong Of(ReadOnlySpan<byte> bytes, ulong basis = 14695981039346656037)
    {
        var hash = basis;
        foreach (var one in bytes)
        {
            hash = (hash ^ one) * 1099511628211;
        }

        return hash;
    }

    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var one in text)
        {
            hash = (hash ^ one) * 1099511628211;
        }

        return hash;
    }
}

/// <summary>A stream of draws from one hash. Not for security.</summary>
internal struct Draws(ulong seed)
{
    private ulong state = seed;

    public ulong Next() => Hash.Mix(state++);

    /// <summary>True with this probability. Always consumes one draw, so that changing one probability leaves the other decisions as they were.</summary>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>Uniform between both bounds, inclusive.</summary>
    public int Between(int min, int max)
    {
        var draw = Next();
        return max <= min ? min : min + (int)(draw % ((ulong)(max - min) + 1));
    }

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));
}
