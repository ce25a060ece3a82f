using FsCheck.Xunit;
using OrleansBsp.Core.Campaigns.Audience;

namespace OrleansBsp.Core.Tests.Campaigns.Audience;

public sealed class PhoneRulesTests
{
    [Theory]
    [InlineData("9.19877E+11", SpreadsheetDamage.Scientific)]
    [InlineData("9,19877E+11", SpreadsheetDamage.Scientific)]
    [InlineData("9.19877e11", SpreadsheetDamage.Scientific)]
    [InlineData("919E9", SpreadsheetDamage.Scientific)]
    [InlineData("9876543210.0", SpreadsheetDamage.Decimal)]
    [InlineData("9876543210.00", SpreadsheetDamage.Decimal)]
    [InlineData("9876543210,0", SpreadsheetDamage.Decimal)]
    [InlineData("'9876543210", SpreadsheetDamage.Apostrophe)]
    [InlineData("\u20199876543210", SpreadsheetDamage.Apostrophe)]
    [InlineData("+91 98765 43210", SpreadsheetDamage.None)]
    [InlineData("98.765.43.210", SpreadsheetDamage.None)]
    [InlineData("98765.43210", SpreadsheetDamage.None)]
    [InlineData("1800-FLOWERS", SpreadsheetDamage.None)]
    [InlineData("", SpreadsheetDamage.None)]
    public void Damage_Cell_IsToldApart(string cell, SpreadsheetDamage damage) => Assert.Equal(damage, SpreadsheetDamages.Of(cell));

    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("+A1", "'+A1")]
    [InlineData("-1+HYPERLINK(\"x\")", "'-1+HYPERLINK(\"x\")")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "'\r=1")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+91 98765-43210", "+91 98765-43210")]
    [InlineData("+1 (650) 253.0000", "+1 (650) 253.0000")]
    [InlineData("-5", "-5")]
    [InlineData("Asha", "Asha")]
    [InlineData("a=b", "a=b")]
    [InlineData("", "")]
    public void Formula_Cell_IsDisarmedAndPhoneNumbersAreNot(string cell, string written) => Assert.Equal(written, FormulaGuard.Cell(cell));

    [Property(MaxTest = 200)]
    public bool PhoneIndex_AnyNumbers_AgreesWithADictionary(int[] numbers)
    {
        var index = new PhoneIndex();
        var model = new Dictionary<long, int>();
        for (var row = 1; row <= numbers.Length; row++)
        {
            var phone = 919876543210 + (numbers[row - 1] % 20);
            var expected = model.TryAdd(phone, row) ? 0 : model[phone];
            if (index.Add(phone, row) != expected) return false;
        }

        return index.Count == model.Count;
    }

    [Fact]
    public void PhoneIndex_ManyNeighbours_AreAllKept()
    {
        var index = new PhoneIndex();
        for (var i = 1; i <= 300_000; i++) Assert.Equal(0, index.Add(916000000000 + i, i));
        for (var i = 1; i <= 300_000; i++) Assert.Equal(i, index.Add(916000000000 + i, 999_999));
        Assert.Equal(300_000, index.Count);
    }
}
