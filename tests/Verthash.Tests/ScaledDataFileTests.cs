using System.Security.Cryptography;

namespace Grainpool.Verthash.Tests;

/// <summary>Every scaled-down data file of the golden data: made here, compared with what was recorded, and hashed over.</summary>
public sealed class ScaledDataFileTests
{
    public static TheoryData<int> Indexes => [.. VerthashVectors.Scaled.Select(file => file.GetProperty("index").GetInt32())];

    [Fact]
    public void GoldenData_HasTenFiles() => Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 10, 12], Indexes.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Table_EqualsTheRecordedOne(int index)
    {
        var golden = VerthashVectors.ScaledFile(index);
        using var data = VerthashDataFile.InMemory(index);
        var bytes = new byte[data.Length];
        data.CopyTo(0, bytes);

        Assert.Equal(index, data.Index);
        Assert.Equal(golden.GetProperty("size").GetInt64(), data.Length);
        Assert.Equal(golden.GetProperty("row_positions").GetInt64(), data.RowPositions);
        Assert.Equal(golden.GetProperty("nodes").GetInt64(), VerthashDataFileSpecification.NodesOf(index));
        Assert.Equal(golden.GetProperty("first_id").GetInt64(), VerthashDataFileSpecification.FirstIdOf(index));
        Assert.Equal(golden.Bytes("sha256"), SHA256.HashData(bytes));
        if (golden.TryGetProperty("datafile", out var whole))
            Assert.Equal(whole.Bytes(), bytes);
        else
            Assert.True(index > 2, "the two smallest files are recorded byte for byte");
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Hashes_EqualTheRecordedOnes(int index)
    {
        using var data = VerthashDataFile.InMemory(index);
        Assert.Equal(index is 6 or 8 or 10 ? 20 : 3, VerthashVectors.AssertHashes(data, VerthashVectors.ScaledFile(index).GetProperty("vectors")));
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Specification_IsTheRecordedOne(int index)
    {
        var golden = VerthashVectors.ScaledFile(index);
        var specification = VerthashDataFileSpecification.ForIndex(index);
        Assert.Equal(golden.GetProperty("size").GetInt64(), specification.Length);
        Assert.Equal(golden.Bytes("sha256"), specification.Sha256);
        Assert.Equal(specification, VerthashDataFileSpecification.ForIndex(index));
    }

    [Fact]
    public void FullSpecification_IsTheRecordedOne()
    {
        var golden = VerthashVectors.Full;
        var full = VerthashDataFileSpecification.Full;
        Assert.Equal(golden.GetProperty("index").GetInt32(), full.Index);
        Assert.Equal(golden.GetProperty("size").GetInt64(), full.Length);
        Assert.Equal(golden.Bytes("sha256"), full.Sha256);
        Assert.Equal(golden.GetProperty("nodes").GetInt64(), VerthashDataFileSpecification.NodesOf(full.Index));
        Assert.Equal(golden.GetProperty("first_id").GetInt64(), VerthashDataFileSpecification.FirstIdOf(full.Index));
    }

    [Fact]
    public void IndexWithoutKnownDigest_IsMadeToFindIt()
    {
        using var data = VerthashDataFile.InMemory(9);
        var bytes = new byte[data.Length];
        data.CopyTo(0, bytes);
        var specification = VerthashDataFileSpecification.ForIndex(9);
        Assert.Equal(data.Length, specification.Length);
        Assert.Equal(SHA256.HashData(bytes), specification.Sha256);
    }

    [Fact]
    public void IndexWithoutKnownDigest_CanBeCancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Recorder<double>(_ => cancellation.Cancel());
        Assert.Throws<OperationCanceledException>(() => VerthashDataFileSpecification.ForIndex(9, progress, cancellation.Token));
        Assert.Equal([0], progress.Told);
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(0)]
    [InlineData(21)]
    [InlineData(int.MaxValue)]
    public void IndexOutOfRange_IsRefused(int index)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VerthashDataFile.InMemory(index));
        Assert.Throws<ArgumentOutOfRangeException>(() => VerthashDataFileSpecification.ForIndex(index));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(128, 1)]
    [InlineData(100, 29)]
    [InlineData(long.MaxValue, 1)]
    public void PieceOutsideTheTable_IsRefused(long offset, int length)
    {
        using var data = VerthashDataFile.InMemory(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.CopyTo(offset, new byte[length]));
    }
}
