namespace Grainpool.Verthash.Tests;

/// <summary>The hash over Vertcoin's own data file, and single nodes of that file.</summary>
public sealed class FullDataFileTests(FullDataFile file) : IClassFixture<FullDataFile>
{
    [Fact(Skip = FullDataFile.WhyNot, SkipUnless = nameof(FullDataFile.IsThere), SkipType = typeof(FullDataFile))]
    public void SampleNodes_HaveTheirValues()
    {
        var samples = VerthashVectors.Full.GetProperty("node_samples");
        foreach (var sample in samples.EnumerateArray())
        {
            var value = new byte[32];
            file.Data.CopyTo(sample.GetProperty("node").GetInt64() * value.Length, value);
            Assert.Equal(sample.Bytes("value"), value);
        }
        Assert.Equal(13, samples.GetArrayLength());
        Assert.Equal(VerthashVectors.Full.GetProperty("row_positions").GetInt64(), file.Data.RowPositions);
    }

    [Fact(Skip = FullDataFile.WhyNot, SkipUnless = nameof(FullDataFile.IsThere), SkipType = typeof(FullDataFile))]
    public void Hashes_EqualTheRecordedOnes() =>
        Assert.Equal(51, VerthashVectors.AssertHashes(file.Data, VerthashVectors.Full.GetProperty("vectors")));

    [Fact(Skip = FullDataFile.WhyNot, SkipUnless = nameof(FullDataFile.IsThere), SkipType = typeof(FullDataFile))]
    public void HashesOfARunningNetwork_EqualTheRecordedOnes()
    {
        using var live = Vectors.Json("live-1800/verthash-128.json");
        Assert.Equal(128, VerthashVectors.AssertHashes(file.Data, live.RootElement.GetProperty("vectors")));
    }

    /// <summary>The proofs of work that the tests of shares take for granted.</summary>
    [Theory(Skip = FullDataFile.WhyNot, SkipUnless = nameof(FullDataFile.IsThere), SkipType = typeof(FullDataFile))]
    [InlineData("live-1800/shares.json", "header_hex", 347)]
    [InlineData("live-1800/short_shares.json", "header_hex", 307)]
    [InlineData("live-1800/orphans.json", "header_hex", 1)]
    [InlineData("live-3501/shares-mini.json", "header", 504)]
    [InlineData("live-3501/shares-mini120.json", "header", 561)]
    public void ProofsOfShares_OfRunningNetworks_EqualTheRecordedOnes(string name, string header, int count)
    {
        using var live = Vectors.Json(name);
        var shares = live.RootElement.GetProperty("shares").EnumerateArray().ToArray();
        AssertProofs(shares.Select(share => share.Bytes(header)), shares.Select(share => share.GetProperty("pow_hash").GetString()));
        Assert.Equal(count, shares.Length);
    }

    /// <summary>What two real miners submitted.</summary>
    [Theory(Skip = FullDataFile.WhyNot, SkipUnless = nameof(FullDataFile.IsThere), SkipType = typeof(FullDataFile))]
    [InlineData("cpuminer-opt", 32)]
    [InlineData("verthashminer", 38)]
    public void ProofsOfMiners_EqualTheRecordedOnes(string miner, int count)
    {
        using var recorded = Vectors.Json($"miners/{miner}/shares.json");
        var shares = recorded.RootElement.EnumerateArray().ToArray();
        AssertProofs(shares.Select(share => share.Bytes("header")), shares.Select(share => share.GetProperty("verthash").GetString()));
        Assert.Equal(count, shares.Length);
    }

    [Fact(Skip = FullDataFile.WhyNot, SkipUnless = nameof(FullDataFile.IsThere), SkipType = typeof(FullDataFile))]
    public void Stages_EqualTheRecordedOnes()
    {
        var stages = VerthashVectors.Stages;
        var trace = ObviousVerthash.Trace(stages.Bytes("header"), file.Data);

        Assert.Equal(
            stages.GetProperty("first_offsets").EnumerateArray().Select(offset => offset.GetInt64()),
            trace.Steps.Take(16).Select(step => step.Offset));
        foreach (var golden in stages.GetProperty("steps").EnumerateArray())
        {
            var step = trace.Steps[golden.GetProperty("step").GetInt32()];
            Assert.Equal(golden.GetProperty("offset").GetInt64(), step.Offset);
            Assert.Equal(golden.Bytes("row"), step.Row);
            Assert.Equal(golden.GetProperty("accumulator_after").GetString(), step.Accumulator.ToString("x8"));
        }
        Assert.Equal(stages.Bytes("hash"), trace.Hash);

        var hash = new byte[VerthashHasher.HashLength];
        new VerthashHasher(file.Data).Hash(stages.Bytes("header"), hash);
        Assert.Equal(trace.Hash, hash);
    }

    private void AssertProofs(IEnumerable<byte[]> headers, IEnumerable<string?> proofs)
    {
        var bytes = headers.ToArray();
        var hashes = new byte[bytes.Length * VerthashHasher.HashLength];
        new VerthashHasher(file.Data).HashMany(bytes.SelectMany(header => header).ToArray(), hashes);
        // A proof is printed as a number.
        Assert.Equal(proofs, hashes.Chunk(VerthashHasher.HashLength).Select(hash => Convert.ToHexStringLower(hash.Reverse().ToArray())));
    }
}
