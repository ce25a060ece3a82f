using FsCheck.Xunit;
using OrleansBsp.Core.Messages;

namespace OrleansBsp.Core.Tests.Messages;

public class MessageTokenTests
{
    [Property(MaxTest = 1000)]
    public bool Any_token_reads_back_as_itself_and_is_short(ulong owner, uint position, ushort attempt, uint key, bool single)
    {
        var token = single
            ? MessageToken.ForSingle((long)(owner >> 1), attempt % short.MaxValue + 1, (int)(key >> 1))
            : MessageToken.ForCampaign((long)(owner >> 1), (int)(position >> 1) | 1, attempt % short.MaxValue + 1, (int)(key >> 1));
        return token.ToString().Length <= 60 && MessageToken.ParseOrNull(token.ToString()) == token;
    }

    [Fact]
    public void ToString_LongestTokens_FitAndReadBack()
    {
        var campaign = MessageToken.ForCampaign(long.MaxValue, int.MaxValue, short.MaxValue, int.MaxValue);
        var single = MessageToken.ForSingle(long.MaxValue, short.MaxValue, int.MaxValue);
        Assert.Equal("bsp1.c.9223372036854775807.2147483647.32767.2147483647", campaign.ToString());
        Assert.Equal(campaign, MessageToken.ParseOrNull(campaign.ToString()));
        Assert.Equal(single, MessageToken.ParseOrNull(single.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("bsp1")]
    [InlineData("bsp1.")]
    [InlineData("bsp1..")]
    [InlineData("bsp1.c")]
    [InlineData("bsp1.c....")]
    [InlineData("bsp1.m...")]
    [InlineData("bsp1.c.1.1.1")]
    [InlineData("bsp1.c.1.1.1.1.")]
    [InlineData("bsp1.c.1.1.1.1.1")]
    [InlineData("bsp1.c.1.1.1.1.1.1.1.1.1.1")]
    [InlineData("bsp1.m.1.1")]
    [InlineData("bsp1.m.1.1.1.1")]
    [InlineData("bsp1.x.1.1.1.1")]
    [InlineData("bsp1.C.1.1.1.1")]
    [InlineData("bsp2.c.1.1.1.1")]
    [InlineData("BSP1.c.1.1.1.1")]
    [InlineData(" bsp1.c.1.1.1.1")]
    [InlineData("bsp1.c.1.1.1.1 ")]
    [InlineData("bsp1.c.1.1.1.1\n")]
    [InlineData("bsp1.c.1.1.1.1\0")]
    [InlineData("bsp1.c.01.1.1.1")]
    [InlineData("bsp1.c.1.1.1.00")]
    [InlineData("bsp1.c.+1.1.1.1")]
    [InlineData("bsp1.c.-1.1.1.1")]
    [InlineData("bsp1.c.1.-1.1.1")]
    [InlineData("bsp1.c.1.0.1.1")]
    [InlineData("bsp1.c.1.1.0.1")]
    [InlineData("bsp1.c.1.1.1.-1")]
    [InlineData("bsp1.c.1,0.1.1.1")]
    [InlineData("bsp1.c.1e3.1.1.1")]
    [InlineData("bsp1.c.0x1.1.1.1")]
    [InlineData("bsp1.c.١.1.1.1")]
    [InlineData("bsp1.c.1.2147483648.1.1")]
    [InlineData("bsp1.c.1.1.32768.1")]
    [InlineData("bsp1.c.1.1.1.2147483648")]
    [InlineData("bsp1.c.9223372036854775808.1.1.1")]
    [InlineData("bsp1.c.18446744073709551617.1.1.1")]
    [InlineData("bsp1.c.00000000000000000000000000000000000000000000000001.1.1.1")]
    [InlineData("cmp_2026_11_22:rcpt_000001")]
    public void ParseOrNull_WhatIsNotATokenOfOurs_IsNull(string? text) => Assert.Null(MessageToken.ParseOrNull(text));

    [Property(MaxTest = 1000)]
    public bool Any_text_is_no_token_or_exactly_one(string? text) => IsNullOrItself(text) && IsNullOrItself("bsp1." + text) && IsNullOrItself("bsp1.c." + text);

    [Property(MaxTest = 2000)]
    public bool A_token_with_one_damaged_character_is_no_token_or_exactly_another(ushort owner, ushort position, byte where, char with, byte how)
    {
        var text = MessageToken.ForCampaign(owner, position + 1, 2, 77).ToString();
        var index = where % text.Length;
        return IsNullOrItself((how % 3) switch
        {
            0 => text.Remove(index, 1),
            1 => text.Insert(index, with.ToString()),
            _ => text[..index] + with + text[(index + 1)..],
        });
    }

    // A text that leads to a message must be the very text that we would have sent with it.
    private static bool IsNullOrItself(string? text) => MessageToken.ParseOrNull(text) is not { } token || token.ToString() == text;
}
