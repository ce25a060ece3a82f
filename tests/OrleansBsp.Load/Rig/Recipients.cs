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

    /// <summary>A file's content for <see cref="World.Parameters"/>: phone, name, course.</summary>
    public byte[] Csv(int rows)
    {
        using var content = new MemoryStream(rows * 40);
        Write(content, rows);
        return content.ToArray();
    }

    /// <summary>The same in a file, for audiences that are large.</summary>
    public void WriteCsv(string file, int rows)
    {
        using var content = File.Create(file);
        Write(content, rows);
    }

    private void Write(Stream content, int rows)
    {
        using var text = new StreamWriter(content, Encoding.ASCII, bufferSize: 1 << 16, leaveOpen: true);
        text.Write("phone,name,course\n");
        for (var i = 0; i < rows; i++) text.Write(string.Create(CultureInfo.InvariantCulture, $"{Next()},Student {i},Algebra {i % 50}\n"));
    }
}
