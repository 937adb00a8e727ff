using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Stratum;

public class MinerNameTests
{
    /// <summary>User names given to a running node, and what it made of them. Where it fell back to its own address, ours must say why not.</summary>
    [Fact]
    public void RecordedUserNames_Parsed_AreUnderstoodAsTheNodeDid()
    {
        using var json = Vectors.Json("live-3501/usernames.json");
        var (payable, refused) = (0, 0);
        foreach (var answer in json.RootElement.GetProperty("answers").EnumerateArray())
        {
            var name = MinerName.Parse(answer.Text("username"));
            var result = answer.GetProperty("result");
            // "inf" is a number to that node only: it asks for a difficulty nobody can meet, and is ignored here.
            var wish = answer.Text("username").EndsWith("+inf", StringComparison.Ordinal) ? null : Target(result, "desired_pseudoshare_target");
            Assert.Equal(wish, name.SubmissionTarget);
            Assert.Equal(Target(result, "desired_share_target"), name.ShareTarget);

            var verdict = PayeeAddress.Judge(name.Address, TestNetworks.Regtest);
            Assert.Equal(!result.GetProperty("address_is_nodes_own").GetBoolean(), verdict.IsAccepted);
            if (verdict.IsAccepted)
            {
                Assert.Equal(result.Text("address"), name.Address);
                var worker = result.Text("user")[name.Address.Length..].TrimStart('.');
                Assert.Equal(worker[..Math.Min(worker.Length, MinerName.MaxWorker)], name.Worker);
                payable++;
            }
            else refused++;
        }
        Assert.True(payable > 20 && refused > 8);
    }

    private static UInt256? Target(JsonElement result, string name) =>
        result.GetProperty(name).ValueKind == JsonValueKind.Null ? null : result.Number(name);
}
