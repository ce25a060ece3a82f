using OrleansBsp.Chaos;
using OrleansBsp.Chaos.Plans;
using OrleansBsp.Chaos.Reports;

namespace OrleansBsp.Server.Tests.Chaos;

public sealed class ChaosOptionsTests
{
    [Fact]
    public void What_is_asked_for_is_understood()
    {
        var options = ChaosOptions.Parse(["--minutes", "20", "--seed", "0", "--silos", "4", "--dispatch", "sqs", "--only", "kill-silo,freeze-queue", "--report", "a.md"]);
        Assert.Equal((20, 0, 4, "a.md", false), (options.Minutes, options.Seed, options.Silos, options.Report, options.PlanOnly));
        Assert.Equal([Dispatch.Sqs], options.Dispatches);
        Assert.Equal(["kill-silo", "freeze-queue"], options.Only);
    }

    [Theory]
    [InlineData("There is no option --minute.", "--minute", "3")]
    [InlineData("--minutes must be a whole number from 1 to 1440, but was '0'.", "--minutes", "0")]
    [InlineData("--minutes must be a whole number from 1 to 1440, but was 'many'.", "--minutes", "many")]
    [InlineData("--seed needs a value.", "--seed")]
    [InlineData("--seed needs a value.", "--seed", "--silos", "3")]
    [InlineData("--silos must be a whole number from 2 to 9, but was '1'.", "--silos", "1")]
    [InlineData("--dispatch must be memory, sqs or both, but was 'kafka'.", "--dispatch", "kafka")]
    [InlineData("None of the faults freeze-queue happens with --dispatch memory.", "--only", "freeze-queue", "--dispatch", "memory")]
    public void What_cannot_be_is_refused_in_words(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => ChaosOptions.Parse(args)).Message);

    [Fact]
    public void A_fault_that_does_not_exist_is_refused_with_those_that_do() =>
        Assert.StartsWith("There is no fault plague. There are kill-silo, ", Assert.Throws<ArgumentException>(() => ChaosOptions.Parse(["--only", "plague"])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_page_in_the_documents_begins_with_what_every_report_begins_with() =>
        Assert.StartsWith(MarkdownReport.Preface(), File.ReadAllText(Path.Combine(Repository.Folder, "docs/chaos.md")), StringComparison.Ordinal);
}
