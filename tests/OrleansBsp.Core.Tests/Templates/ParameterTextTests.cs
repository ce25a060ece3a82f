using FsCheck.Xunit;
using OrleansBsp.Core.Templates;

namespace OrleansBsp.Core.Tests.Templates;

[Properties(Arbitrary = [typeof(MessyText)])]
public class ParameterTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("\u200A\u00A0\t\n", "")]
    [InlineData("Asha", "Asha")]
    [InlineData(" Asha ", "Asha")]
    [InlineData("\uFEFFAsha", "Asha")]
    [InlineData("a b", "a b")]
    [InlineData("a  b", "a  b")]
    [InlineData("a    b", "a    b")]
    [InlineData("a     b", "a b")]
    [InlineData("a\nb", "a b")]
    [InlineData("a\r\n\r\nb", "a b")]
    [InlineData("a \t b", "a b")]
    [InlineData("a\u2028b\u0085c\vd\fe", "a b c d e")]
    [InlineData("a\u00A0b", "a\u00A0b")]
    [InlineData("a\u00A0\u00A0\u00A0\u00A0\u00A0b", "a b")]
    [InlineData("a\0b\u001Bc\u007Fd\u009Fe", "abcde")]
    [InlineData("a  \u0001   b", "a b")]
    [InlineData("\u0001 a \u0001", "a")]
    [InlineData("\u0001", "")]
    [InlineData("आशा कुमारी", "आशा कुमारी")]
    [InlineData("👩‍👩‍👧 ok", "👩‍👩‍👧 ok")]
    public void Clean_Table(string? value, string expected) => Assert.Equal(expected, ParameterText.Clean(value));

    /// <summary>Not in the table: half a pair does not survive being written into a test's name.</summary>
    [Fact]
    public void Clean_HalfAPair_IsDropped()
    {
        Assert.Equal("ab", ParameterText.Clean("a\uD83Db"));
        Assert.Equal("ab", ParameterText.Clean("a\uDE00b"));
        Assert.Equal("\U0001F600", ParameterText.Clean("\uD83D\uD83D\uDE00\uDE00"));
        Assert.Equal("", ParameterText.Clean("\uD83D\u0001\uDE00"));
    }

    [Fact]
    public void Clean_NothingToDo_ReturnsTheSameString()
    {
        var value = new string("Asha Kumari".ToCharArray());

        Assert.Same(value, ParameterText.Clean(value));
    }

    [Fact]
    public void Clean_LongValue_IsNotCut() =>
        Assert.Equal(new string('x', 5000) + " y", ParameterText.Clean(new string('x', 5000) + "\ny"));

    [Property(MaxTest = 2000)]
    public bool Clean_AnyText_IsWhatMetaAccepts(MessyText text) => IsClean(ParameterText.Clean(text.Value));

    [Property(MaxTest = 2000)]
    public bool Clean_Twice_ChangesNothing(MessyText text)
    {
        var once = ParameterText.Clean(text.Value);
        return ParameterText.Clean(once) == once;
    }

    private static bool IsClean(string text)
    {
        var run = 0;
        foreach (var c in text)
        {
            run = char.IsWhiteSpace(c) ? run + 1 : 0;
            if (run > 4 || char.IsControl(c) || c is '\u2028' or '\u2029')
            {
                return false;
            }
        }

        return text == text.Trim();
    }
}
