using System.Text;
using Grainpool.Orleans.AzureStorage.State;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class StoredNameTests
{
    [Theory]
    [InlineData("vtc1qw508d6-x_9", "vtc1qw508d6-x_9")]
    [InlineData("", "=")]
    [InlineData("Va", "=56a")]
    [InlineData("..", "=2e=2e")]
    [InlineData("con", "=63on")]
    [InlineData("lpt1", "=6cpt1")]
    [InlineData("=", "=3d")]
    public void Of_Text_IsAsExpected(string text, string name) => Assert.Equal(name, StoredName.Of(text));

    [Fact]
    public void Of_AnyBytes_IsDistinctWithoutCaseAndBounded()
    {
        var random = new Random(7);
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(0, round % 10 == 0 ? 400 : 4)];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)"aA=~./e%\u00ff"[random.Next(9)];
            var name = StoredName.Of(bytes);
            Assert.InRange(name.Length, 1, StoredName.MaxLength);
            Assert.All(name, character => Assert.True(char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || "-_=~".Contains(character)));
            var content = Convert.ToHexString(bytes);
            Assert.Equal(content, seen.GetValueOrDefault(name, content));
            seen[name] = content;
        }
    }

    [Fact]
    public void Of_LongText_KeepsAReadableBeginning()
    {
        var name = StoredName.Of(string.Concat(Enumerable.Repeat("ab/", 100)));
        Assert.StartsWith("ab=2fab=2f", name, StringComparison.Ordinal);
        Assert.Contains('~', name);
        Assert.NotEqual(name, StoredName.Of(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ab/", 101)))));
    }
}
