using System.Text;
using System.Text.Json;
using CsCheck;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.P2Pool.Tests.Stratum;

/// <summary>Lines as recorded from real miners, lines cut anywhere, and lines no miner would send: each has an answer, none throws.</summary>
public class StratumReaderTests
{
    public static TheoryData<string, string> Recordings()
    {
        var data = new TheoryData<string, string>();
        foreach (var miner in MinerRecordings.Miners)
        {
            foreach (var name in MinerRecordings.Names) data.Add(miner, name);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void RecordedLines_OfAMiner_AreUnderstoodFieldByField(string miner, string name)
    {
        var understood = 0;
        foreach (var line in MinerRecordings.SentBy(miner, name))
        {
            var message = StratumReader.Read(line);
            JsonElement json;
            try
            {
                using var document = JsonDocument.Parse(line);
                json = document.RootElement.Clone();
            }
            catch (JsonException)
            {
                // Both miners echo a quote or a backslash of a job id unescaped.
                Assert.Equal(StratumErrorCode.ParseError, Assert.IsType<StratumFault>(message).Error.Code);
                continue;
            }

            understood++;
            if (!json.TryGetProperty("method", out var method))
            {
                Assert.IsType<StratumAnswer>(message);
                continue;
            }
            var parameters = json.GetProperty("params");
            Assert.Equal(json.GetProperty("id").GetRawText(), Encoding.UTF8.GetString(Assert.IsAssignableFrom<StratumRequest>(message).Id.Text));
            switch (method.GetString())
            {
                case "mining.subscribe":
                    var subscribe = Assert.IsType<SubscribeRequest>(message);
                    Assert.Equal(parameters.GetArrayLength() > 0 ? parameters[0].GetString() : null, subscribe.UserAgent);
                    Assert.Equal(parameters.GetArrayLength() > 1 ? parameters[1].GetString() : null, subscribe.SessionId);
                    break;
                case "mining.authorize":
                    Assert.Equal(parameters[0].GetString(), Assert.IsType<AuthorizeRequest>(message).UserName);
                    break;
                case "mining.extranonce.subscribe":
                    Assert.IsType<ExtranonceSubscribeRequest>(message);
                    break;
                case "mining.submit":
                    var submit = Assert.IsType<SubmitRequest>(message);
                    Assert.Equal(parameters[0].GetString(), submit.UserName);
                    Assert.Equal(parameters[2].GetString(), submit.Extranonce2?.ToString("x8"));
                    Assert.Equal(parameters[3].GetString(), submit.Time?.ToString("x8"));
                    Assert.Equal(parameters[4].GetString(), submit.Nonce?.ToString("x8"));
                    Assert.Equal(0u, submit.VersionBits);
                    break;
                default:
                    Assert.Fail($"a recorded miner says {method}");
                    break;
            }
        }
        Assert.True(understood > 2);
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void RecordedLines_CutAnywhere_AreFaults(string miner, string name)
    {
        foreach (var line in MinerRecordings.SentBy(miner, name).DistinctBy(line => line.Length).Take(20))
        {
            for (var length = 1; length < line.Length; length++)
            {
                var message = StratumReader.Read(line.AsMemory(0, length));
                Assert.True(message is StratumFault { Error.Code: StratumErrorCode.ParseError } fault && fault.Id == StratumId.Null, $"{length} of {Encoding.UTF8.GetString(line)}");
            }
        }
    }

    [Fact]
    public void AnyBytes_NeverThrow() => Gen.Byte.Array[0, 200].Sample(bytes => { _ = StratumReader.Read(bytes); }, iter: 20_000);

    [Fact]
    public void RealLine_WithAnyBytesChanged_NeverThrows()
    {
        var line = """{"id":4,"method":"mining.submit","params":["a.b","0123456789abcdef","00000000","6b02f93b","0000015d"]}"""u8.ToArray();
        Gen.Select(Gen.Int[0, line.Length - 1], Gen.Byte, Gen.Int[0, line.Length - 1], Gen.Byte).Sample(
            (first, firstByte, second, secondByte) =>
            {
                var changed = line.ToArray();
                (changed[first], changed[second]) = (firstByte, secondByte);
                return StratumReader.Read(changed) is not null;
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("null", "null")]
    [InlineData("\"a \\\"b\\\"\"", "\"a \\\"b\\\"\"")]
    [InlineData("[1,{\"a\":2}]", "[1,{\"a\":2}]")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    public void Id_OfAnyType_IsKeptAsWritten(string id, string echoed)
    {
        var message = Read($$"""{"params":[],"id":{{id}},"method":"mining.extranonce.subscribe"}""");
        Assert.Equal(echoed, Encoding.UTF8.GetString(Assert.IsType<ExtranonceSubscribeRequest>(message).Id.Text));
    }

    [Theory]
    [InlineData("[1,2]", StratumErrorCode.InvalidRequest)]
    [InlineData("\"text\"", StratumErrorCode.InvalidRequest)]
    [InlineData("""{"id":1}""", StratumErrorCode.InvalidRequest)]
    [InlineData("""{"id":1,"method":5,"params":[]}""", StratumErrorCode.InvalidRequest)]
    [InlineData("""{"id":1,"method":"mining.submit","params":{"a":1}}""", StratumErrorCode.InvalidRequest)]
    [InlineData("""{"id":1,"method":"mining.get_transactions","params":[]}""", StratumErrorCode.MethodNotFound)]
    [InlineData("""{"id":1,"method":"mining.submit","params":["a","b","c","d"]}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.submit","params":["a","b","c","d","e","f","g"]}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.submit","params":["a",5,"c","d","e"]}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.authorize","params":[]}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.authorize","params":[null,"x"]}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.suggest_difficulty","params":[-1]}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.suggest_difficulty","params":["NaN"]}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.suggest_difficulty"}""", StratumErrorCode.InvalidParameters)]
    [InlineData("""{"id":1,"method":"mining.subscribe","params":[]} {}""", StratumErrorCode.ParseError)]
    [InlineData("""{"id":[[[[[[[[[[1]]]]]]]]]],"method":"mining.subscribe","params":[]}""", StratumErrorCode.ParseError)]
    [InlineData("""{"id":1,"method":"mining.authorize","params":["\ud800","x"]}""", StratumErrorCode.ParseError)]
    [InlineData("GET / HTTP/1.1", StratumErrorCode.ParseError)]
    public void WrongLine_IsAFaultWithItsCode(string line, StratumErrorCode code) => Assert.Equal(code, Assert.IsType<StratumFault>(Read(line)).Error.Code);

    [Theory]
    [InlineData("")]
    [InlineData("\r")]
    [InlineData("  \t \r")]
    public void EmptyLine_IsNotAnswered(string line) => Assert.Null(Read(line));

    [Fact]
    public void Answer_ToSomethingWeSent_IsNoRequest()
    {
        Assert.IsType<StratumAnswer>(Read("""{"id":7,"result":true,"error":null}"""));
        Assert.IsType<StratumAnswer>(Read("""{"id":null,"error":[38,"unknown method",null]}"""));
    }

    [Fact]
    public void Submit_WithFieldsThatAreNone_LeavesThemOutOneByOne()
    {
        var submit = Assert.IsType<SubmitRequest>(Read("""{"id":4,"method":"mining.submit","params":["u","1a2b","000000","6B02F93B","+000015d","zz"]}"""));
        Assert.Equal(
            new SubmitRequest(submit.Id, "u", null, null, 0x6b02f93b, null, null, GivesVersion: true),
            submit);
    }

    [Fact]
    public void Submit_WithAnIdOfOurs_NamesTheJob()
    {
        var job = JobId.FromBytes([1, 2, 3, 4, 5, 6, 7, 0xff]);
        var submit = Assert.IsType<SubmitRequest>(Read($$"""{"id":4,"method":"mining.submit","params":["u","{{job}}","00000001","6b02f93b","0000015d","20000000"]}"""));
        Assert.Equal("01020304050607ff", job.ToString());
        Assert.Equal(job, submit.Job);
        Assert.Equal(0x20000000u, submit.VersionBits);
    }

    [Theory]
    [InlineData("[500]", 500)]
    [InlineData("[\"500.000000\"]", 500)]
    [InlineData("[1e-3]", 0.001)]
    public void SuggestedDifficulty_AsNumberOrText_IsRead(string parameters, double difficulty) => Assert.Equal(
        difficulty, Assert.IsType<SuggestDifficultyRequest>(Read($$"""{"id":1,"method":"mining.suggest_difficulty","params":{{parameters}}}""")).Difficulty);

    [Fact]
    public void Configure_NamesItsExtensionsOnceEach()
    {
        var configure = Assert.IsType<ConfigureRequest>(Read(
            """{"id":1,"method":"mining.configure","params":[["version-rolling",5,["x"],"minimum-difficulty","version-rolling"],{"version-rolling.mask":"1fffe000"}]}"""));
        Assert.Equal(["version-rolling", "minimum-difficulty"], configure.Extensions);
    }

    private static StratumMessage? Read(string line) => StratumReader.Read(Encoding.UTF8.GetBytes(line));
}
