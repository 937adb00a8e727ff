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
        var answers = Vectors.Json("live-3501/usernames.json").RootElement.GetProperty("answers").EnumerateArray().ToList();
        var payable = answers.Count(CheckLive);
        Assert.True(payable > 20 && answers.Count - payable > 8);
    }

    /// <summary>Everything an answer says; whether the name is one that is paid.</summary>
    internal static bool CheckLive(JsonElement answer)
    {
        var name = MinerName.Parse(answer.Text("username"));
        var result = answer.GetProperty("result");
        // "inf" is a number to that node only: it asks for a difficulty nobody can meet, and is ignored here.
        var isInfinite = answer.Text("username").EndsWith("+inf", StringComparison.Ordinal);
        if (isInfinite) Assert.Equal(UInt256.Zero, Target(result.GetProperty("desired_pseudoshare_target")));
        Assert.Equal(isInfinite ? null : Target(result.GetProperty("desired_pseudoshare_target")), name.SubmissionTarget);
        Assert.Equal(Target(result.GetProperty("desired_share_target")), name.ShareTarget);

        var verdict = PayeeAddress.Judge(name.Address, TestNetworks.Regtest);
        if (answer.Text("username").EndsWith(".a_b", StringComparison.Ordinal))
        {
            // The one that is read otherwise on purpose: that node cuts at the underscore, finds no address and mines for its owner.
            Assert.True(result.GetProperty("address_is_nodes_own").GetBoolean());
            Assert.Equal($"{name.Address}.a.b", result.Text("user"));
            Assert.True(verdict.IsAccepted);
            Assert.Equal("a_b", name.Worker);
            return true;
        }
        Assert.Equal(!result.GetProperty("address_is_nodes_own").GetBoolean(), verdict.IsAccepted);
        if (!verdict.IsAccepted) return false;
        Assert.Equal(result.Text("address"), name.Address);
        Assert.StartsWith(name.Address, result.Text("user"), StringComparison.Ordinal);
        var worker = result.Text("user")[name.Address.Length..].TrimStart('.');
        Assert.Equal(worker[..Math.Min(worker.Length, MinerName.MaxWorker)], name.Worker);
        return true;
    }

    [Fact]
    public void UserNames_OfTheReferenceNode_AreReadTheSame()
    {
        var names = Vectors.Json("v35-stratum.json").RootElement.GetProperty("usernames");
        var cases = names.GetProperty("cases").EnumerateArray().ToList();
        Assert.True(cases.Count > 8);
        Assert.All(cases, each => CheckReference(each, names.Text("node_address")));
    }

    /// <summary>Everything a case of the reference says.</summary>
    internal static void CheckReference(JsonElement each, string nodeAddress)
    {
        var name = MinerName.Parse(each.GetProperty("username").GetString()!);
        Assert.Equal(each.GetProperty("stat_user").GetString(), name.Worker.Length == 0 ? name.Address : $"{name.Address}.{name.Worker}");
        Assert.Equal(Target(each.GetProperty("share_target")), name.ShareTarget);
        Assert.Equal(Target(each.GetProperty("pseudoshare_target")), name.SubmissionTarget);
        // Where the reference node pays a valid name, the address is that name; an invalid one it pays to its owner, which we refuse instead.
        var payee = each.GetProperty("payout_address").GetString();
        var isPaid = PayeeAddress.Judge(name.Address, Grainpool.P2Pool.Networks.KnownNetworks.Vertcoin.Parent).IsAccepted;
        Assert.Equal(isPaid ? name.Address : nodeAddress, payee);
    }

    [Theory]
    [InlineData("A+1+2", "A", "", 2.0, null)]
    [InlineData("A.w/1+2/3", "A", "w", 2.0, 3.0)]
    [InlineData("A+1.rig", "A", "", null, null)]
    [InlineData("A+-5", "A", "", null, null)]
    [InlineData("A+NaN/", "A", "", null, null)]
    [InlineData("A+1+x", "A", "", 1.0, null)]
    [InlineData("A_b.c", "A", "b.c", null, null)]
    [InlineData("A.b_c", "A", "b_c", null, null)]
    [InlineData("A.rig_1_2+1", "A", "rig_1_2", 1.0, null)]
    [InlineData("A_rig.1.2", "A", "rig.1.2", null, null)]
    [InlineData("_", "", "", null, null)]
    public void UserName_WithOptions_IsTakenApart(string text, string address, string worker, double? submissions, double? shares) => Assert.Equal(
        new MinerName(address, worker, Of(submissions), Of(shares)), MinerName.Parse(text));

    [Fact]
    public void Worker_WithOddCharacters_BecomesPrintableAndShort()
    {
        Assert.Equal("??<b>??", MinerName.Parse("A.\u0000 <b>\u202e\n").Worker);
        Assert.Equal(MinerName.MaxWorker, MinerName.Parse("A." + new string('w', 5000)).Worker.Length);
    }

    private static UInt256? Of(double? difficulty) => difficulty is { } value ? Targets.FromDifficulty(value) : null;

    private static UInt256? Target(JsonElement element) => element.ValueKind == JsonValueKind.Null ? null : UInt256.ParseHex(element.GetString());
}
