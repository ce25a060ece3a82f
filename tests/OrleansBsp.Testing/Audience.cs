using System.Globalization;
using System.Text;

namespace OrleansBsp.Testing;

/// <summary>An audience in the making: phone numbers in order, so that a recipient's position is its place here, from 1.</summary>
/// <remarks>The last digits of a number choose its fate (see the simulator's README).</remarks>
public sealed class Audience
{
    private readonly List<string> _phones = [];

    public IReadOnlyList<string> Phones => _phones;

    /// <summary>The position that the next one gets.</summary>
    public int Next => _phones.Count + 1;

    /// <summary>People whom nothing in particular happens to; below 100,000 per start.</summary>
    /// <param name="start">Audiences with different starts, in steps of one, have different people.</param>
    public static Audience Of(int count, int start = 0) => new Audience().Plain(count, start);

    public Audience Plain(int count, int start = 0)
    {
        // 98760 00000: the last six digits stay below the simulator's codes.
        for (var index = 0; index < count; index++) _phones.Add($"+9198{70 + start}0{_phones.Count:00000}");
        return this;
    }

    /// <summary>Refused in the answer with this code, each time.</summary>
    public Audience Refused(int code, int count = 1) => Coded('9', code, count);

    /// <summary>Refused at the first attempt only.</summary>
    public Audience RefusedOnce(int code, int count = 1) => Coded('8', code, count);

    /// <summary>Accepted, then reported as failed.</summary>
    public Audience FailedLater(int code, int count = 1) => Coded('1', code, count);

    /// <summary>One of the special recipients, by its last six digits: 700001 to 700018.</summary>
    public Audience Special(int digits, int count = 1)
    {
        for (var index = 0; index < count; index++) _phones.Add(Numbered("4", digits));
        return this;
    }

    public string Csv()
    {
        var csv = new StringBuilder("phone,name,offer\n");
        for (var index = 0; index < _phones.Count; index++) csv.Append(CultureInfo.InvariantCulture, $"{_phones[index]},Person {index + 1},{index % 50}%\n");
        return csv.ToString();
    }

    private Audience Coded(char fate, int code, int count)
    {
        for (var index = 0; index < count; index++) _phones.Add(Numbered($"{fate}", code));
        return this;
    }

    // Indonesian numbers are long enough: 62 81x and two free digits before the seven that choose.
    private string Numbered(string fate, int digits)
    {
        for (var free = 100; free < 1000; free++)
        {
            var phone = string.Create(CultureInfo.InvariantCulture, $"+6281{free}{fate}{digits:000000}");
            if (!_phones.Contains(phone)) return phone;
        }

        throw new InvalidOperationException($"There are no more numbers for {fate}{digits}.");
    }
}
