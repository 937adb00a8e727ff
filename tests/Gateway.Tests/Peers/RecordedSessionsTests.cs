namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// Whole sessions of running nodes, with ours in the place of one of them: two late joiners, and a node that began the network and was cut off from it
/// for a while. It ends with the chain they ended with, nobody did anything that ours takes for an offence, and what it was asked it answers
/// as the recorded node did.
/// </summary>
public sealed class RecordedSessionsTests
{
    [Theory]
    [InlineData("wire-mini-latejoiner-m4", "m4", 379, 161, 1)]
    [InlineData("wire-mini120-latejoiner-n3", "n3", 405, 6, 0)]
    [InlineData("wire-mini-m2-from-empty", "m2", 409, 59, 5)]
    public async Task OurNode_InThePlaceOfARecordedOne_EndsWithTheSameChain_AndAnswersTheSame(string session, string node, int shares, int questions, int withShares)
    {
        await using var played = new RecordedSession($"live-3501/{session}.jsonl", node);
        await played.PlayAsync();
        Assert.Equal(RecordedNetwork.Of(node).Best, played.Node.Link.Best);
        await played.UntilAsync(() => played.Node.Link.Count >= shares);
        Assert.Equal("", string.Join(" ", played.Node.Link.Offences));
        Assert.Equal(questions, played.SameAnswers + played.LongerAnswers);
        Assert.Equal(withShares, played.SameAnswersWithShares + played.LongerAnswers);
        // The reference forgets ancestors that ours still holds; see the chain's own tests of pruning.
        Assert.InRange(played.LongerAnswers, 0, 1);
        Assert.True(played.Asked > 0 || node == "m2");
    }
}
