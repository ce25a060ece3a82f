using System.Globalization;
using System.Text;

namespace OrleansBsp.Load.Rig;

/// <summary>Phone numbers that are never given out twice, and files of them.</summary>
internal sealed class Recipients
{
    // Last six digits from here on have no meaning to the simulator (its README: recipients that choose their fate).
    private const int FirstPlain = 138_000;
    private const int PlainPerMillion = 700_000 - FirstPlain;
    private const long FirstIndianMobile = 919_000_000_000;

    private long _given;

    /// <summary>E.164 with its plus.</summary>
    public string Next()
    {
        var ordinal = Interlocked.Increment(ref _given) - 1;
        return string.Create(CultureInfo.InvariantCulture, $"+{FirstIndianMobile + (ordinal / PlainPerMillion * 1_000_000) + FirstPlain + (ordinal % PlainPerMillion)}");
    }

    /// <summary>A file for <see cref="World.Parameters"/>: phone, name, course.</summary>
    public byte[] Csv(int rows)
    {
        var text = new StringBuilder("phone,name,course\n", rows * 36);
        for (var i = 0; i < rows; i++) text.Append(Next()).Append(",Student ").Append(i).Append(",Algebra ").Append(i % 50).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
