using System.Security.Cryptography;

namespace Grainpool.Verthash.Tests;

/// <summary>The table on every path of this machine and with any number of processors: always the recorded bytes.</summary>
public sealed class VerthashGraphPathTests
{
    public static TheoryData<VerthashPath, int, int> Ways =>
        [.. from path in PathsTaken.OfTheMachine from processors in new[] { 1, 2, 3, 16 } from index in new[] { 1, 3, 8, 12 } select (path, processors, index)];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Table_HasTheRecordedDigest(VerthashPath path, int processors, int index)
    {
        using var memory = DataFileMemory.Allocate(VerthashDataFileSpecification.LengthOf(index));
        VerthashGraph.Write(index, memory, path, processors, progress: null, CancellationToken.None);
        using var held = memory.Hold();
        Assert.Equal(VerthashVectors.ScaledFile(index).Bytes("sha256"), SHA256.HashData(memory.Slice(0, (int)memory.Length)));
    }

    [Theory]
    [InlineData(0, 0x00)]
    [InlineData(8, 0x10)]
    [InlineData(63, 0x7E)]
    [InlineData(64, 0x01_80)]
    [InlineData(67108864, 0x40_80_80_80)]
    [InlineData(536870912, 0x04_80_80_80_80)]
    public void IdBlock_IsTheDoubledIdInGroupsOfSevenBits(long id, long block) => Assert.Equal((ulong)block, NodeWriter.IdBlock(id));
}
