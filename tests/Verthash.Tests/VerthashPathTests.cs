using CsCheck;

namespace Grainpool.Verthash.Tests;

/// <summary>Every path of this machine against the slow, obvious version: any header, any number together, both layouts.</summary>
public sealed class VerthashPathTests
{
    /// <summary>Three full portions and one more.</summary>
    private const int MostTried = (3 * VerthashHasher.MostTogether) + 1;

    public static TheoryData<VerthashPath, VerthashRowLayout> Ways =>
        [.. from path in PathsTaken.OfTheMachine from layout in Enum.GetValues<VerthashRowLayout>() select (path, layout)];

    [Fact]
    public void Ladder_IsWhatTheMachineHas()
    {
        Assert.Equal(PathsTaken.OfTheMachine, VerthashPaths.Supported);
        Assert.Equal(PathsTaken.OfTheMachine[^1], VerthashPaths.Fastest);
        using var data = VerthashDataFile.InMemory(1);
        Assert.Equal(VerthashPaths.Fastest, new VerthashHasher(data).Path);
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", VerthashPath.Vector512)]
    [InlineData("DOTNET_EnableAVX2", VerthashPath.Vector256)]
    [InlineData("DOTNET_EnableHWIntrinsic", VerthashPath.Vector128)]
    public void SwitchOfTheRuntime_TakesThePathAndAllAboveAway(string name, VerthashPath path)
    {
        if (Environment.GetEnvironmentVariable(name) == "0")
            Assert.True(VerthashPaths.Fastest < path, $"{name}=0, but {VerthashPaths.Fastest} is taken");
        else
            Assert.Equal(PathsTaken.OfTheMachine.Contains(path), VerthashPaths.IsSupported(path));
    }

    [Fact]
    public void PathThatTheMachineHasNot_IsRefused()
    {
        using var data = VerthashDataFile.InMemory(1);
        foreach (var path in Enum.GetValues<VerthashPath>().Append((VerthashPath)99).Except(PathsTaken.OfTheMachine))
            Assert.Throws<PlatformNotSupportedException>(() => new VerthashHasher(data, path));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void AnyNumberTogether_HashAsTheObviousVersion(VerthashPath path, VerthashRowLayout layout)
    {
        using var data = VerthashDataFile.InMemory(5, layout);
        using var plain = VerthashDataFile.InMemory(5);
        var random = new Random(5);
        var headers = new byte[MostTried * VerthashHasher.HeaderLength];
        random.NextBytes(headers);
        var expected = headers.Chunk(VerthashHasher.HeaderLength).SelectMany(header => ObviousVerthash.Trace(header, plain).Hash).ToArray();
        var hasher = PathsTaken.Hasher(data, path);

        for (var count = 0; count <= MostTried; count++)
        {
            var hashes = new byte[count * VerthashHasher.HashLength];
            hasher.HashMany(headers.AsSpan(0, count * VerthashHasher.HeaderLength), hashes);
            Assert.True(expected.AsSpan(0, hashes.Length).SequenceEqual(hashes), $"{count} together");
        }
        foreach (var (at, header) in headers.Chunk(VerthashHasher.HeaderLength).Index())
        {
            var hash = new byte[VerthashHasher.HashLength];
            hasher.Hash(header, hash);
            Assert.True(expected.AsSpan(at * VerthashHasher.HashLength, VerthashHasher.HashLength).SequenceEqual(hash), $"header {at} alone");
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void AnyHeaderOverAnySize_HashesAsTheObviousVersion(VerthashPath path, VerthashRowLayout layout)
    {
        var tables = Enumerable.Range(1, 7).Select(index => (In: VerthashDataFile.InMemory(index, layout), Plain: VerthashDataFile.InMemory(index))).ToList();
        try
        {
            Gen.Select(Gen.Int[0, tables.Count - 1], Gen.Byte.Array[VerthashHasher.HeaderLength].Array[1, 12]).Sample(
                (at, headers) =>
                {
                    var hashes = new byte[headers.Length * VerthashHasher.HashLength];
                    PathsTaken.Hasher(tables[at].In, path).HashMany(headers.SelectMany(header => header).ToArray(), hashes);
                    return headers.SelectMany(header => ObviousVerthash.Trace(header, tables[at].Plain).Hash).SequenceEqual(hashes);
                },
                iter: 30);
        }
        finally
        {
            tables.ForEach(table =>
            {
                table.In.Dispose();
                table.Plain.Dispose();
            });
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Hashes_AllocateNothing(VerthashPath path, VerthashRowLayout layout)
    {
        using var data = VerthashDataFile.InMemory(6, layout);
        var hasher = PathsTaken.Hasher(data, path);
        var headers = new byte[37 * VerthashHasher.HeaderLength];
        var hashes = new byte[37 * VerthashHasher.HashLength];
        hasher.HashMany(headers, hashes);

        // A collection that other tests bring about may charge this thread with the rest of its allocation buffer. What a
        // hash itself allocated would show in every round.
        var allocated = Enumerable.Range(0, 10).Select(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            hasher.HashMany(headers, hashes);
            hasher.Hash(headers.AsSpan(0, VerthashHasher.HeaderLength), hashes.AsSpan(0, VerthashHasher.HashLength));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, allocated.Min());
    }

    [Theory]
    [InlineData(81, 32, "headers")]
    [InlineData(160, 32, "hashes")]
    [InlineData(160, 96, "hashes")]
    [InlineData(0, 32, "hashes")]
    public void CountsThatDoNotFit_AreRefused(int headers, int hashes, string parameter)
    {
        using var data = VerthashDataFile.InMemory(1);
        Assert.Throws<ArgumentException>(parameter, () => new VerthashHasher(data).HashMany(new byte[headers], new byte[hashes]));
    }

    [Fact]
    public void Reciprocals_GiveTheRemainderOfAnyNumber()
    {
        foreach (var index in Enumerable.Range(1, VerthashDataFileSpecification.LargestIndex))
        {
            var positions = (uint)VerthashDataFile.RowPositionsOf(VerthashDataFileSpecification.LengthOf(index));
            Gen.OneOf(Gen.UInt, Gen.UInt[0, 3 * positions], Gen.Const(uint.MaxValue), Gen.Const(uint.MaxValue / positions * positions)).Sample(
                value =>
                {
                    unsafe
                    {
                        var table = new RowTable(null, positions);
                        // As the vector walks do it, in the lanes' own width.
                        var quotient = ((ulong)value * table.Reciprocal32) >> table.ReciprocalShift;
                        var rest = (uint)(value - (quotient * positions));
                        var lines = RowOffset.Of<LineLayout>(value % positions);
                        return table.PositionOf(value) == value % positions
                            && Math.Min(rest, unchecked(rest - positions)) == value % positions
                            && lines == 16 * ((long)(value % positions) + (value % positions / 3))
                            && lines % 64 <= 32;
                    }
                },
                iter: 2000, threads: 1);
        }
    }
}
