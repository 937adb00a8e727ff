using System.Buffers;
using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.P2Pool.Tests.Stratum;

/// <summary>What miners are sent: shapes that both recorded miners take, and a notify that carries exactly the bytes the reference nodes sent.</summary>
public class StratumWriterTests
{
    private static readonly StratumId Id = new("4"u8.ToArray());

    [Fact]
    public void Results_AreWholeLines()
    {
        Assert.Equal("""{"id":4,"result":true,"error":null}""" + "\n", Written(output => StratumWriter.Result(output, Id, true)));
        Assert.Equal("""{"id":null,"result":false,"error":null}""" + "\n", Written(output => StratumWriter.Result(output, StratumId.Null, false)));
    }

    [Fact]
    public void Error_IsAListWhoseTextMinersShow()
    {
        Assert.Equal(
            """{"id":4,"result":false,"error":[21,"Job not found",null]}""" + "\n",
            Written(output => StratumWriter.Error(output, Id, StratumError.Of(SubmitRefusal.UnknownJob))));
        Assert.Equal(
            """{"id":4,"result":false,"error":[24,"'x' isn't \"it\"",null]}""" + "\n",
            Written(output => StratumWriter.Error(output, Id, new StratumError(StratumErrorCode.Unauthorized, "'x' isn't \"it\""))));
    }

    [Fact]
    public void EveryRefusal_HasACodeAndAText()
    {
        foreach (var refusal in Enum.GetValues<SubmitRefusal>())
        {
            var error = StratumError.Of(refusal);
            Assert.InRange((int)error.Code, 20, 25);
            Assert.NotEmpty(error.Text);
        }
        Assert.Equal(StratumErrorCode.JobNotFound, StratumError.Of(SubmitRefusal.StaleJob).Code);
        Assert.Equal(StratumErrorCode.Duplicate, StratumError.Of(SubmitRefusal.Duplicate).Code);
        Assert.Equal(StratumErrorCode.LowDifficulty, StratumError.Of(SubmitRefusal.AboveTarget).Code);
        // A widely used miner shows a reason with "job" in it as stale.
        Assert.Contains("job", StratumError.Of(SubmitRefusal.StaleJob).Text);
    }

    [Fact]
    public void Subscribed_HasTheNestedForm() => Assert.Equal(
        """{"id":4,"result":[[["mining.set_difficulty","s1"],["mining.notify","s1"]],"000000ff",4],"error":null}""" + "\n",
        Written(output => StratumWriter.Subscribed(output, Id, "s1", 0xff, 4)));

    [Fact]
    public void Configured_SaysOfEachExtensionWhetherItIsUsed()
    {
        var request = new ConfigureRequest(Id, ["version-rolling", "minimum-difficulty", "subscribe-extranonce", "info"], 0, null);
        Assert.Equal(
            """{"id":4,"result":{"version-rolling":true,"version-rolling.mask":"00ffe000","minimum-difficulty":true,"subscribe-extranonce":true,"info":false},"error":null}""" + "\n",
            Written(output => StratumWriter.Configured(output, request, 0x00ffe000, true)));
        Assert.Equal(
            """{"id":4,"result":{"version-rolling":false,"minimum-difficulty":false,"subscribe-extranonce":true,"info":false},"error":null}""" + "\n",
            Written(output => StratumWriter.Configured(output, request, 0, false)));
    }

    [Fact]
    public void Calls_HaveNullIdsAndTextsEscaped()
    {
        Assert.Equal("""{"id":null,"method":"client.show_message","params":["a \"b\""]}""" + "\n", Written(output => StratumWriter.ShowMessage(output, "a \"b\"")));
        Assert.Equal("""{"id":null,"method":"client.reconnect","params":["b.example","9171",1]}""" + "\n", Written(output => StratumWriter.Reconnect(output, "b.example", 9171)));
        Assert.Equal("""{"id":9,"method":"client.get_version","params":[]}""" + "\n", Written(output => StratumWriter.AskVersion(output, 9)));
        Assert.Equal("""{"id":4,"result":"grainpool/1","error":null}""" + "\n", Written(output => StratumWriter.Text(output, Id, "grainpool/1")));
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(0.06249910592947572, "0.06249910592947572")]
    public void SetDifficulty_IsANumberThatReadsBackTheSame(double difficulty, string text) => Assert.Equal(
        $$"""{"id":null,"method":"mining.set_difficulty","params":[{{text}}]}""" + "\n", Written(output => StratumWriter.SetDifficulty(output, difficulty)));

    [Fact]
    public void Notify_OfTheReferenceNode_IsWrittenFieldByFieldTheSame()
    {
        using var json = Vectors.Json("v35-stratum.json");
        var notify = json.RootElement.GetProperty("messages_after_authorize")[1].GetProperty("params");
        AssertSame(notify, notify[8].GetBoolean());
    }

    [Theory]
    [InlineData("cpuminer-opt")]
    [InlineData("verthashminer")]
    public void Notify_ThatAMinerWorkedOn_IsWrittenFieldByFieldTheSame(string miner)
    {
        foreach (var share in MinerRecordings.Shares(miner)) AssertSame(share.GetProperty("notify"), clean: false);
    }

    [Theory]
    [InlineData("cpuminer-opt")]
    [InlineData("verthashminer")]
    public void Submit_WithItsNotify_MakesTheHeaderTheMinerHashed(string miner)
    {
        // The way from the texts to the header, which a session goes with a draft instead of coinbase bytes.
        foreach (var share in MinerRecordings.Shares(miner))
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(new { id = 4, method = "mining.submit", @params = share.GetProperty("submit") });
            var submit = Assert.IsType<SubmitRequest>(StratumReader.Read(line));
            var notify = Read(share.GetProperty("notify"), clean: false);
            if (share.GetProperty("extranonce2_size").GetInt32() != 4)
            {
                Assert.Null(submit.Extranonce2);
                continue;
            }

            byte[] coinbase =
            [
                .. notify.Coinbase1.Span,
                .. Convert.FromHexString(share.GetProperty("extranonce1").GetString()!),
                .. Convert.FromHexString(submit.Extranonce2!.Value.ToString("x8")),
                .. notify.Coinbase2.Span,
            ];
            var root = Merkle.Apply(Sha256.Double(coinbase), notify.Branch.AsSpan());
            var header = new P2Pool.Parent.BlockHeader(notify.Version, notify.PreviousBlock, root, submit.Time!.Value, notify.Bits, submit.Nonce!.Value);
            Assert.Equal(share.GetProperty("header").GetString(), Convert.ToHexStringLower(header.ToBytes()));
        }
    }

    private static void AssertSame(JsonElement expected, bool clean)
    {
        var job = Read(expected, clean);
        using var written = JsonDocument.Parse(Written(output => StratumWriter.Notify(output, job)));
        var parameters = written.RootElement.GetProperty("params");
        Assert.Equal("mining.notify", written.RootElement.GetProperty("method").GetString());
        Assert.Equal(9, parameters.GetArrayLength());
        Assert.Equal(job.Job.ToString(), parameters[0].GetString());
        for (var i = 1; i < 8; i++)
        {
            if (i == 4) Assert.Equal(expected[i].EnumerateArray().Select(hash => hash.GetString()), parameters[i].EnumerateArray().Select(hash => hash.GetString()));
            else Assert.Equal(expected[i].GetString()!.ToLowerInvariant(), parameters[i].GetString());
        }
        Assert.Equal(clean, parameters[8].GetBoolean());
    }

    // Reads the fields apart from the writer: by their description.
    private static StratumNotify Read(JsonElement parameters, bool clean)
    {
        var previous = Convert.FromHexString(parameters[1].GetString()!);
        byte[] digest = [.. previous.Chunk(4).SelectMany(word => word.Reverse())];
        return new StratumNotify(
            new JobId(0x0123456789abcdef),
            Hash256.FromBytes(digest),
            Convert.FromHexString(parameters[2].GetString()!),
            Convert.FromHexString(parameters[3].GetString()!),
            [.. parameters[4].EnumerateArray().Select(hash => Hash256.FromBytes(Convert.FromHexString(hash.GetString()!)))],
            Convert.ToUInt32(parameters[5].GetString(), 16),
            new CompactTarget(Convert.ToUInt32(parameters[6].GetString(), 16)),
            Convert.ToUInt32(parameters[7].GetString(), 16),
            clean);
    }

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
