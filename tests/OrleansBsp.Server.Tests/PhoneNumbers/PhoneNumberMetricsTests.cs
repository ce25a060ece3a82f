using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Telemetry;

namespace OrleansBsp.Server.Tests.PhoneNumbers;

/// <summary>Measures of very many numbers stay few, and nothing of them is lost.</summary>
public sealed class PhoneNumberMetricsTests
{
    [Fact]
    public void The_first_numbers_have_a_series_each_and_all_others_one_together()
    {
        var numbers = Enumerable.Range(1, 10_000).Select(number => (Id: $"many-{number}", Sent: number)).ToList();
        for (var scrape = 0; scrape < 2; scrape++)
        {
            var measured = PhoneNumberMetrics.Each(numbers, number => number.Id, number => number.Sent, Enumerable.Sum).ToDictionary(one => (string)one.Tags[0].Value!, one => one.Value);
            Assert.InRange(measured.Count, 2, 201);
            Assert.Equal(numbers.Sum(number => number.Sent), measured.Values.Sum());
            Assert.True(measured[NamedFew.Others] > measured.Where(one => one.Key != NamedFew.Others).Max(one => one.Value));
            foreach (var (name, sent) in measured.Where(one => one.Key != NamedFew.Others)) Assert.Equal($"many-{sent}", name);
            numbers.Reverse(); // who came first keeps its name
        }
    }

    [Fact]
    public void Who_has_a_label_keeps_it_and_who_comes_later_has_none_of_its_own()
    {
        var few = new NamedFew(2);
        Assert.Equal(["one", "two", "others", "others", "one", "two"], ((string[])["one", "two", "three", "four", "one", "two"]).Select(few.Of));
    }
}
