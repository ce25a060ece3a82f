using OrleansBsp.Core.Templates;

namespace OrleansBsp.Core.Tests.Templates;

public class UrlTextTests
{
    [Theory]
    [InlineData("shop/42?src=wa&x=1#top", "shop/42?src=wa&x=1#top")]
    [InlineData("a%20b", "a%20b")]
    [InlineData("a b", "a%20b")]
    [InlineData("\"<>\\^`{|}", "%22%3C%3E%5C%5E%60%7B%7C%7D")]
    [InlineData("a'b(c)*!$,;:@~-._+[]", "a'b(c)*!$,;:@~-._+[]")]
    [InlineData("a\u007Fb\tc", "a%7Fb%09c")]
    [InlineData("a\u00A0b", "a%C2%A0b")]
    [InlineData("आशा😀", "आशा😀")]
    public void Encode_Table(string value, string expected) => Assert.Equal(expected, UrlText.Encode(value));

    [Theory]
    [InlineData("https://x.example/a.png", true)]
    [InlineData("http://x.example", true)]
    [InlineData("ftp://x.example/a", false)]
    [InlineData("//x.example/a", false)]
    [InlineData("https://", false)]
    [InlineData("/a.png", false)]
    [InlineData("file:///etc/hosts", false)]
    public void IsHttp_Table(string value, bool expected) => Assert.Equal(expected, UrlText.IsHttp(value));
}
