using System.Text.Json;
using Grainpool.Devnet.Mining;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Tests;

/// <summary>Seventy shares that two Verthash miners people use submitted: our miner makes the same header of the same job.</summary>
public class MiningJobTests
{
    [Theory]
    [InlineData("cpuminer-opt", 32)]
    [InlineData("verthashminer", 38)]
    public void RecordedShares_ComeFromTheSameHeaders(string miner, int count)
    {
        using var document = Vectors.Json($"miners/{miner}/shares.json");
        var compared = 0;
        foreach (var share in document.RootElement.EnumerateArray())
        {
            var extraNonce1 = Convert.FromHexString(share.GetProperty("extranonce1").GetString()!);
            var difficulty = share.GetProperty("difficulty").GetDouble();
            Assert.True(MiningJob.TryRead(share.GetProperty("notify"), [.. extraNonce1], share.GetProperty("extranonce2_size").GetInt32(), difficulty, out var job));
            var submit = share.GetProperty("submit");
            var extraNonce2 = Convert.FromHexString(submit[2].GetString()!);
            Assert.Equal(job.Id, submit[1].GetString());
            Assert.Equal(job.Time.ToString("x8"), submit[3].GetString());
            Assert.Equal(job.ExtraNonce2Size, extraNonce2.Length);

            var header = job.Header(extraNonce2);
            BitConverter.TryWriteBytes(header.AsSpan(76), Convert.ToUInt32(submit[4].GetString(), 16));
            Assert.Equal(share.GetProperty("header").GetString(), Convert.ToHexStringLower(header));
            Assert.Equal(share.GetProperty("merkle_root").GetString(), Hash256.FromBytes(header.AsSpan(36, 32)).ToString());
            Assert.Equal(share.GetProperty("target").GetString(), job.Target.ToString());
            Assert.True(UInt256.ParseHex(share.GetProperty("verthash").GetString()!) <= job.Target);
            compared++;
        }
        Assert.Equal(count, compared);
    }

    [Fact]
    public void Difficulties_MeanTheTargetsOfVerthashMiner()
    {
        using var document = Vectors.Json("miners/verthashminer/difficulty_targets.json");
        var compared = 0;
        foreach (var row in document.RootElement.GetProperty("rows").EnumerateArray())
        {
            var difficulty = row.GetProperty("difficulty").GetDouble();
            if (difficulty <= 0)
            {
                // Both miners people use do something odd with these; ours does not take them from a pool.
                Assert.Throws<ArgumentOutOfRangeException>(() => MinerTarget.OfDifficulty(difficulty));
                continue;
            }
            var target = UInt256.ParseHex(row.GetProperty("target").GetString()!);
            // The smallest difficulties overflow in that miner, which then finds nothing; there ours takes every hash.
            if (target.IsZero) target = UInt256.MaxValue;
            Assert.Equal(target, MinerTarget.OfDifficulty(difficulty));
            compared++;
        }
        Assert.Equal(21, compared);
    }

    [Fact]
    public void ExtraNonce2_CountsFirstByteFirst_InAnyLength()
    {
        Assert.Equal("01000000", Convert.ToHexStringLower(Job(4).ExtraNonce2(1)));
        Assert.Equal("0001000000000000", Convert.ToHexStringLower(Job(8).ExtraNonce2(256)));
        Assert.Equal("02" + new string('0', 38), Convert.ToHexStringLower(Job(20).ExtraNonce2(2)));
        Assert.Equal("", Convert.ToHexStringLower(Job(0).ExtraNonce2(0)));
    }

    [Fact]
    public void Slices_CoverEveryNonceOnce_UnderEachExtraNonce2()
    {
        const int slices = 1 << 29;
        var work = new MiningWork(Job(0), 1);
        for (var i = 0; i < 3; i++) Assert.Equal(new WorkSlice(0, (uint)(8 * i), 8), work.Take());
        // The last slices of a job with no extranonce2 at all, then nothing more.
        Skip(work, slices - 4);
        Assert.Equal(new WorkSlice(0, uint.MaxValue - 7, 8), work.Take());
        Assert.Null(work.Take());

        var wide = new MiningWork(Job(1), 1);
        Skip(wide, slices);
        Assert.Equal(new WorkSlice(1, 0, 8), wide.Take());

        static void Skip(MiningWork work, int count) =>
            typeof(MiningWork).GetField("_next", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
                .SetValue(work, (long)typeof(MiningWork).GetField("_next", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(work)! + count);
    }

    [Theory]
    [InlineData("stratum+tcp://pool.example:9171", "pool.example", 9171)]
    [InlineData("tcp://127.0.0.1:1", "127.0.0.1", 1)]
    [InlineData("localhost:9171", "localhost", 9171)]
    [InlineData("stratum+tcp://[::1]:9171", "::1", 9171)]
    [InlineData("http://pool.example:9171", null, 0)]
    [InlineData("pool.example", null, 0)]
    [InlineData("", null, 0)]
    public void Url_IsReadOrRefused(string url, string? host, int port) =>
        Assert.Equal(host is null ? null : (host, port), MinerOptions.ParseUrl(url));

    private static MiningJob Job(int extraNonce2Size)
    {
        var notify = JsonDocument.Parse($"""["1","{new string('0', 64)}","00","00",[],"20000000","207fffff","65000000",true]""").RootElement;
        Assert.True(MiningJob.TryRead(notify, [], extraNonce2Size, 1, out var job));
        return job;
    }
}
