using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Stratum;

/// <summary>The number told to miners against what their own compiled code makes of it.</summary>
public class MinerDifficultyTests
{
    private const int Factor = 256;

    [Theory]
    [InlineData("cpuminer-opt", 22, 17)]
    [InlineData("verthashminer", 22, 18)]
    public void TargetTheMinerComputes_IsMetByWhatWeAccept(string miner, int rows, int usable)
    {
        using var json = Vectors.Json($"miners/{miner}/difficulty_targets.json");
        var compared = 0;
        Assert.Equal(rows, json.RootElement.GetProperty("rows").GetArrayLength());
        foreach (var row in json.RootElement.GetProperty("rows").EnumerateArray())
        {
            var difficulty = row.GetProperty("difficulty").GetDouble();
            var theirs = row.Number("target");
            // Below a least difficulty they never submit: one has target 0 there, the other one of 128 bits. Above 2^53 their doubles and ours differ in digits
            // that no hash reaches.
            if (difficulty <= 0 || theirs <= UInt256.MaxValue >> 128) continue;
            var ours = MinerDifficulty.ToTarget(difficulty, Factor);
            compared++;
            Assert.True(MinerDifficulty.IsMet(theirs, ours), $"difficulty {difficulty}: {theirs} of {ours}");
            // Above the easiest ones there is no hash.
            if (UInt256.AddSaturating(ours, ours >> 14) is var above && above != UInt256.MaxValue) Assert.False(MinerDifficulty.IsMet(above, ours));
        }
        Assert.Equal(usable, compared);
    }

    [Theory]
    [InlineData("cpuminer-opt", 32)]
    [InlineData("verthashminer", 38)]
    public void RecordedShares_MeetTheTargetOfTheirDifficulty(string miner, int count)
    {
        var shares = MinerRecordings.Shares(miner);
        foreach (var share in shares)
        {
            var target = MinerDifficulty.ToTarget(share.GetProperty("difficulty").GetDouble(), Factor);
            Assert.Equal(share.Number("target"), target);
            Assert.True(MinerDifficulty.IsMet(share.Number("verthash"), target), share.GetRawText());
        }
        Assert.Equal(count, shares.Count);
        // Not all by a wide margin, or the least mistake would not show.
        Assert.Contains(shares, share => !MinerDifficulty.IsMet(share.Number("verthash"), share.Number("target") - (share.Number("target") >> 4)));
    }

    [Fact]
    public void DifficultyOfTheReferenceNode_IsToldToTheLastDigit()
    {
        using var json = Vectors.Json("v35-stratum.json");
        var told = json.RootElement.GetProperty("messages_after_authorize")[0].GetProperty("params")[0].GetDouble();
        Assert.Equal(told, MinerDifficulty.Of(MinerDifficulty.ToTarget(told, Factor), Factor));
        Assert.Equal(0.06249910592947572, MinerDifficulty.Of(new CompactTarget(0x1e0fffff).ToTarget(), Factor));
        Assert.Equal(UInt256.ParseHex("ffff" + new string('0', 54)), MinerDifficulty.ToTarget(1, Factor));
    }
}
