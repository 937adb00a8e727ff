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
}
