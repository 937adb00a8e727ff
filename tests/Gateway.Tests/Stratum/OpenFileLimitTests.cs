using Grainpool.Gateway.Stratum;

namespace Grainpool.Gateway.Tests.Stratum;

public sealed class OpenFileLimitTests
{
    private const string Head = "Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        0                    unlimited            bytes     \n";

    [Theory]
    [InlineData("Max open files            1024                 524288               files     \n", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     \n", null)]
    [InlineData("", null)]
    [InlineData("Max open files", null)]
    public void Limits_AreReadAsTheSystemWritesThem(string line, long? expected) => Assert.Equal(expected, OpenFileLimit.Of(Head + line));
}
