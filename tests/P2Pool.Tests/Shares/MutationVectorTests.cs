using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>Variants of the share after v35-chain, offered to a node that holds that chain, with the verdict of the reference.</summary>
public class MutationVectorTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;

    public static TheoryData<string, byte[], long, string> Cases()
    {
        var cases = new TheoryData<string, byte[], long, string>();
        foreach (var each in Vectors.Json("v35-mutations.json").RootElement.GetProperty("cases").EnumerateArray())
            cases.Add(each.Text("what"), each.Hex("wire_share_hex"), each.GetProperty("clock").GetInt64(), each.Text("expected"));
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void MutatedShare_Offered_GetsTheVerdictOfTheReference(string what, byte[] wire, long clock, string expected) =>
        Assert.Equal(expected, Verdict(what, wire, clock));

    internal static void Check(System.Text.Json.JsonElement each) =>
        Assert.Equal(each.Text("expected"), Verdict(each.Text("what"), each.Hex("wire_share_hex"), each.GetProperty("clock").GetInt64()));

    private static string Verdict(string what, byte[] wire, long clock)
    {
        ProofOfWork proofOfWork = what.Contains("pow hash forced to 2^240", StringComparison.Ordinal)
            ? (_, hash) => (UInt256.One << 240).WriteLittleEndian(hash)
            : StubProofOfWork.Hash;
        return Verdict(wire, proofOfWork, clock);
    }

    private static string Verdict(byte[] wire, ProofOfWork proofOfWork, long clock)
    {
        var result = new ShareCheck(Network).Check(WrappedShare.Parse(wire), proofOfWork);
        if (result.Fault is { } fault)
        {
            return fault.Consequence() switch
            {
                ShareFaultConsequence.Skip => "ignored",
                ShareFaultConsequence.Disconnect => "disconnect",
                _ => "ban",
            };
        }

        var share = result.Share!;
        var chain = ReferenceChain.Chain();
        if (chain.Height(share.PreviousShare) == 0) return "parent_unknown";
        return new ShareVerification(Network).Verify(share, chain.ContextOf(share), clock) is null ? "valid" : "verification_fails";
    }
}
