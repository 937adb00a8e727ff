using System.Net;
using System.Net.Sockets;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Time.Testing;
using static Grainpool.Daemon.Tests.ScriptedDaemon;

namespace Grainpool.Daemon.Tests;

/// <summary>Each way a daemon can fail a call becomes one kind of failure, with a sentence that names the place and never the password.</summary>
public class DaemonFailureTests
{
    private const string Template = """
        {"version":536870912,"previousblockhash":"2399c0b047ebbbd1650d66867206c97317027b1a1932bc6fc17ce833dc4a85ce","transactions":[],
        "coinbasevalue":5000000000,"bits":"207fffff","height":1,"curtime":1795355507,"rules":["csv","!segwit","taproot"]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "", DaemonFailureKind.Unauthorised)]
    [InlineData(HttpStatusCode.Forbidden, "", DaemonFailureKind.Unauthorised)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "Work queue depth exceeded", DaemonFailureKind.BusyQueue)]
    [InlineData(HttpStatusCode.InternalServerError, """{"result":null,"error":{"code":-28,"message":"Loading block index…"},"id":$ID}""", DaemonFailureKind.WarmingUp)]
    [InlineData(HttpStatusCode.NotFound, """{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":$ID}""", DaemonFailureKind.RpcError)]
    [InlineData(HttpStatusCode.OK, "<html>hello</html>", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, "", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, "[]", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, """{"id":$ID}""", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, """{"result":"00","error":null,"id":77777}""", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, """{"result":5,"error":null,"id":$ID}""", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, """{"result":null,"error":null,"id":$ID}""", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, """{"result":"zz","error":null,"id":$ID}""", DaemonFailureKind.BadAnswer)]
    [InlineData(HttpStatusCode.OK, """{"result":null,"error":{"code":"x"},"id":$ID}""", DaemonFailureKind.BadAnswer)]
    public async Task OddAnswer_IsOneOfTheKnownFailures(HttpStatusCode status, string body, DaemonFailureKind kind)
    {
        var answer = await Client((_, _) => new Reply(status, body)).GetBestBlockHashAsync(Cancellation);

        Assert.False(answer.Succeeded);
        Assert.Equal(kind, answer.Failure.Kind);
        Assert.Contains("http://daemon.test:5888", answer.Failure.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer.Failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"bits\":\"207fffff\"", "\"bits\":\"00000000\"")]
    [InlineData("\"bits\":\"207fffff\"", "\"bits\":\"20ffffff\"")]
    [InlineData("\"bits\":\"207fffff\"", "\"bits\":\"zz\"")]
    [InlineData("\"bits\":\"207fffff\"", "\"bits\":null")]
    [InlineData("\"height\":1", "\"height\":0")]
    [InlineData("\"height\":1", "\"height\":-1")]
    [InlineData("\"height\":1,", "")]
    [InlineData("\"coinbasevalue\":5000000000", "\"coinbasevalue\":-1")]
    [InlineData("\"coinbasevalue\":5000000000", "\"coinbasevalue\":99999999999999999")]
    [InlineData("\"transactions\":[]", "\"transactions\":[null]")]
    [InlineData("\"transactions\":[]", "\"transactions\":[{\"data\":\"00\"}]")]
    [InlineData("\"transactions\":[]", "\"transactions\":[{\"data\":\"0200000000\"}]")]
    [InlineData("\"rules\":[\"csv\"", "\"rules\":[null")]
    [InlineData("2399c0", "23")]
    public async Task TemplateThatCannotBe_IsABadAnswer(string good, string bad)
    {
        Assert.True((await Client((_, _) => Reply.Result(Template)).GetBlockTemplateAsync(Cancellation)).Succeeded);

        var answer = await Client((_, _) => Reply.Result(Template.Replace(good, bad, StringComparison.Ordinal))).GetBlockTemplateAsync(Cancellation);

        Assert.Equal(DaemonFailureKind.BadAnswer, answer.Failure?.Kind);
    }

    [Fact]
    public async Task TransactionUnderAnotherName_IsABadAnswer()
    {
        const string data = "01000000010000000000000000000000000000000000000000000000000000000000000001000000000000000000010000000000000000" + "00000000";
        var id = Sha256.Double(Convert.FromHexString(data));
        Assert.True((await With(id)).Succeeded);
        Assert.Equal(DaemonFailureKind.BadAnswer, (await With(Hash256.Parse("77"))).Failure?.Kind);

        Task<DaemonAnswer<BlockTemplate>> With(Hash256 name) => Client((_, _) => Reply.Result(Template.Replace(
            "\"transactions\":[]", $$"""transactions":[{"data":"{{data}}","txid":"{{name}}","hash":"{{id}}","fee":1}]""".Insert(0, "\""), StringComparison.Ordinal)))
            .GetBlockTemplateAsync(Cancellation);
    }

    [Fact]
    public async Task RefusedConnection_IsUnreachable()
    {
        var refused = new HttpRequestException("failed", new SocketException((int)SocketError.ConnectionRefused));
        var answer = await Client((_, _) => new Reply(default, "", refused)).GetBestBlockHashAsync(Cancellation);
        Assert.Equal(DaemonFailureKind.Unreachable, answer.Failure?.Kind);
        Assert.True(answer.Failure!.IsPassing);
    }

    [Fact]
    public async Task HangingDaemon_IsUnreachableAfterTheCallTimeout()
    {
        var time = new FakeTimeProvider();
        var daemon = new ScriptedDaemon((_, _) => new Reply(default, "", null, Task.Delay(Timeout.Infinite, Cancellation)));
        var call = daemon.Client(time: time).GetBestBlockHashAsync(Cancellation);
        Assert.False(call.IsCompleted);
        time.Advance(new DaemonOptions().CallTimeout);
        Assert.Equal(DaemonFailureKind.Unreachable, (await call).Failure?.Kind);
    }

    [Fact]
    public async Task CancelledCall_Throws()
    {
        using var stop = new CancellationTokenSource();
        var call = Client((_, _) => new Reply(default, "", null, Task.Delay(Timeout.Infinite, Cancellation))).GetBestBlockHashAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task EndlessAnswer_IsRefusedAtTheBound()
    {
        var answer = await Client((_, _) => Reply.Result("\"" + new string('0', 33 << 20) + "\"")).GetBestBlockHashAsync(Cancellation);
        Assert.Equal(DaemonFailureKind.BadAnswer, answer.Failure?.Kind);
    }

    [Fact]
    public async Task CookieFile_IsReadAtEachCall_AndItsAbsenceSaid()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var daemon = new ScriptedDaemon((_, _) => Reply.Result("\"" + new string('0', 64) + "\""));
        var client = daemon.Client(new DaemonEndpointOptions { Url = "http://daemon.test:5888", CookieFile = path });
        try
        {
            var without = await client.GetBestBlockHashAsync(Cancellation);
            Assert.Equal(DaemonFailureKind.Unauthorised, without.Failure?.Kind);
            Assert.Contains(path, without.Failure!.Sentence, StringComparison.Ordinal);
            foreach (var cookie in new[] { "__cookie__:1111", "__cookie__:2222" })
            {
                await File.WriteAllTextAsync(path, cookie + "\n", Cancellation);
                Assert.True((await client.GetBestBlockHashAsync(Cancellation)).Succeeded);
                Assert.Equal("Basic " + Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(cookie)), daemon.Calls[^1].Authorization);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
