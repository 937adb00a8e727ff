using System.Runtime.InteropServices;
using CsCheck;

namespace Grainpool.Verthash.Tests;

public sealed class VerthashHasherTests
{
    [Fact]
    public void SeekAndResultWords_EqualTheRecordedStages()
    {
        var stages = VerthashVectors.Stages;
        var seek = new uint[128];
        var result = new uint[8];
        Digests(stages.Bytes("header"), seek, result);

        Assert.Equal(
            stages.GetProperty("subsets").EnumerateArray().SelectMany(subset => subset.Bytes()),
            MemoryMarshal.AsBytes<uint>(seek).ToArray());
        Assert.Equal(stages.Bytes("sha3_256"), MemoryMarshal.AsBytes<uint>(result).ToArray());
    }

    [Fact]
    public void FirstByteAtItsEnd_WrapsWithoutCarry()
    {
        var header = new byte[VerthashHasher.HeaderLength];
        var seek = new uint[128];
        for (var first = 0; first < 256; first++)
        {
            header[0] = (byte)first;
            Digests(header, seek, new uint[8]);
            for (var k = 1; k <= 8; k++)
            {
                var raised = new byte[VerthashHasher.HeaderLength];
                raised[0] = (byte)((first + k) % 256);
                var subset = new byte[Sha3.Length512];
                Sha3.Hash512(raised, subset);
                Assert.Equal(subset, MemoryMarshal.AsBytes(seek.AsSpan(16 * (k - 1), 16)).ToArray());
            }
        }
    }

    [Fact]
    public void AnyHeader_HashesAsTheObviousVersion()
    {
        using var data = VerthashDataFile.InMemory(6);
        var hasher = new VerthashHasher(data);
        Gen.Byte.Array[VerthashHasher.HeaderLength].Sample(
            header =>
            {
                var hash = new byte[VerthashHasher.HashLength];
                hasher.Hash(header, hash);
                return hash.AsSpan().SequenceEqual(ObviousVerthash.Trace(header, data).Hash);
            },
            iter: 50);
    }

    [Fact]
    public void SeveralThreads_GetTheSameHashesAsOne()
    {
        using var data = VerthashDataFile.InMemory(8);
        var hasher = new VerthashHasher(data);
        var alone = Enumerable.Range(0, 64).Select(Hash).ToArray();
        var together = new byte[4 * alone.Length][];
        var threads = Enumerable.Range(0, 4).Select(thread => new Thread(() =>
        {
            for (var nonce = 0; nonce < alone.Length; nonce++)
                together[(thread * alone.Length) + nonce] = Hash(nonce);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(alone.Length, alone.Select(Convert.ToHexString).Distinct().Count());
        for (var at = 0; at < together.Length; at++)
            Assert.Equal(alone[at % alone.Length], together[at]);

        byte[] Hash(int nonce)
        {
            var header = new byte[VerthashHasher.HeaderLength];
            BitConverter.TryWriteBytes(header.AsSpan(76), nonce);
            var hash = new byte[VerthashHasher.HashLength];
            hasher.Hash(header, hash);
            return hash;
        }
    }

    [Fact]
    public void Hash_AllocatesNothing()
    {
        using var data = VerthashDataFile.InMemory(6);
        var hasher = new VerthashHasher(data);
        var header = new byte[VerthashHasher.HeaderLength];
        var hash = new byte[VerthashHasher.HashLength];
        hasher.Hash(header, hash);

        // A collection that other tests bring about may charge this thread with the rest of its allocation buffer. What a
        // hash itself allocated would show in every round.
        var allocated = Enumerable.Range(0, 10).Select(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var nonce = 0; nonce < 20; nonce++)
            {
                header[76] = (byte)nonce;
                hasher.Hash(header, hash);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, allocated.Min());
    }

    [Theory]
    [InlineData(79, 32, "header")]
    [InlineData(81, 32, "header")]
    [InlineData(80, 31, "hash")]
    [InlineData(80, 33, "hash")]
    public void WrongLength_IsRefused(int headerLength, int hashLength, string parameter)
    {
        using var data = VerthashDataFile.InMemory(1);
        var hasher = new VerthashHasher(data);
        Assert.Throws<ArgumentException>(parameter, () => hasher.Hash(new byte[headerLength], new byte[hashLength]));
    }

    [Fact]
    public void DisposedTable_IsRefusedNotRead()
    {
        var data = VerthashDataFile.InMemory(1);
        var hasher = new VerthashHasher(data);
        data.Dispose();
        Assert.Throws<ObjectDisposedException>(() => hasher.Hash(new byte[80], new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => data.CopyTo(0, new byte[1]));
    }

    [Fact]
    public void TableDisposedDuringUse_StaysUntilTheUseEnds()
    {
        var data = VerthashDataFile.InMemory(1);
        var expected = VerthashVectors.ScaledFile(1).Bytes("datafile");
        using (data.Memory.Hold())
        {
            data.Dispose();
            Assert.Equal(expected, data.Memory.Slice(0, expected.Length).ToArray());
        }
        Assert.Throws<ObjectDisposedException>(() => data.Memory.Hold());
    }

    private static unsafe void Digests(byte[] header, uint[] seek, uint[] result)
    {
        fixed (byte* start = header)
        fixed (uint* words = seek, results = result)
            HeaderDigests.One<OneState>(start, (ulong*)words, (ulong*)results);
    }
}
