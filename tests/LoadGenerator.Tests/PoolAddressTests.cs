using System.Net;

namespace Grainpool.LoadGenerator.Tests;

public sealed class PoolAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9171", "127.0.0.1:9171", null)]
    [InlineData("stratum+tcp://127.0.0.1:9171", "127.0.0.1:9171", null)]
    [InlineData("stratum+ssl://127.0.0.1:9171", "127.0.0.1:9171", "127.0.0.1")]
    [InlineData("[2001:db8::7]:1", "[2001:db8::7]:1", null)]
    [InlineData("stratum+ssl://[::1]:65535", "[::1]:65535", "::1")]
    public async Task Pool_IsFoundAsMinersWriteIt(string text, string endPoint, string? tlsHost) =>
        Assert.Equal(new PoolAddress(IPEndPoint.Parse(endPoint), tlsHost), await PoolAddress.FindAsync(text, TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("")]
    [InlineData("pool.example")]
    [InlineData(":9171")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("::1:9171")]
    [InlineData("http://127.0.0.1:9171")]
    public Task AnythingElse_IsRefusedWithWhatIsWanted(string text) =>
        Assert.ThrowsAsync<ArgumentException>(() => PoolAddress.FindAsync(text, TestContext.Current.CancellationToken));
}
