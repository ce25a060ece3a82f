using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Core.Tests.Campaigns.Audience;

public sealed class AudienceHeaderTests
{
    [Theory]
    [InlineData("phone")]
    [InlineData(" Phone ")]
    [InlineData("PHO NE")]
    [InlineData("p\u00A0hone\u200B")]
    public void Read_PhoneColumnInAnyCaseAndSpacing_IsFound(string name)
    {
        var (header, problems) = AudienceHeader.Read(["name", name, "city"], "Ph one", 100);

        Assert.Empty(problems);
        Assert.Equal(1, header!.PhoneIndex);
        Assert.Equal(["name", "city"], header.Columns);
    }

    [Fact]
    public void Read_NamesAreTrimmed()
    {
        Assert.Equal(["First Name"], AudienceHeader.Read([" First Name ", "phone"], "phone", 100).Header!.Columns);
    }

    public static TheoryData<string[], string, string> Wrong => new()
    {
        { ["name", "mobile"], "phone_column_missing", "There is no column \"phone\". The file has \"name\", \"mobile\". Name the right column with phoneColumn, or rename the column in the file." },
        { ["Asha", "9876543210"], "phone_column_missing", "There is no column \"phone\". The file has \"Asha\", \"9876543210\". The first row looks like data: the file needs a header row." },
        { ["phone", "Name", " na me"], "duplicate_column", "Columns 2 and 3 are both called \"na me\" (case and spaces do not count). Rename one of them." },
        { ["phone", "Phone"], "duplicate_column", "Columns 1 and 2 are both called \"Phone\" (case and spaces do not count). Rename one of them." },
        { ["phone", "", "city"], "empty_column_name", "Column 2 of 3 has no name. Name it in the header or remove the column." },
        { ["phone", "city", " "], "empty_column_name", "Column 3 of 3 has no name. Name it in the header or remove the column." },
        { ["phone", "ci\0ty"], "column_name_control", "The name of column 2 has a control character (such as NUL) in it. Type it again." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Read_WrongHeader_SaysWhatIsWrong(string[] fields, string code, string message)
    {
        var (header, problems) = AudienceHeader.Read(fields, "phone", 100);

        Assert.Null(header);
        var problem = Assert.Single(problems);
        Assert.Equal((code, message), (problem.Code, problem.Message));
    }

    [Fact]
    public void Read_SeveralProblems_AreToldTogether()
    {
        Assert.Equal(["empty_column_name", "duplicate_column", "phone_column_missing"],
            AudienceHeader.Read(["a", "", "A"], "phone", 100).Problems.Select(problem => problem.Code));
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    public void Read_ColumnsUpToTheLimit(int columns, int problems)
    {
        var fields = Enumerable.Range(1, columns - 1).Select(i => $"c{i}").Prepend("phone").ToArray();
        Assert.Equal(problems, AudienceHeader.Read(fields, "phone", 100).Problems.Count(problem => problem.Code == "too_many_columns"));
    }
}
