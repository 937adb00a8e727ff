using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Spooling;

/// <summary>
/// A spool must give back, after a crash at any byte of any write, everything it said was on disk, and nothing broken. The files are in memory
/// and remember every write, so that each crash can be tried.
/// </summary>
public class SpoolTests
{
    private static readonly SpoolLimits Small = new(100_000, 2_000);
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Fact]
    public async Task Entries_AfterReopening_AreTheSame()
    {
        var (first, second) = (new MemorySpoolFile("1"), new MemorySpoolFile("2"));
        var (share, block) = (ShareOf(1, dead: true), BlockOf(2));
        await using (var spool = Open(first, second))
        {
            Assert.True(await spool.AddAsync(share));
            Assert.True(await spool.AddAsync(block));
        }

        await using var again = Open(first, second);
        Assert.Equal(2, again.Count);
        var spooledShare = Assert.IsType<SpooledShare>(again.Kept[0]);
        Assert.Equal(share with { WireBytes = [] }, spooledShare.Share with { WireBytes = [] });
        Assert.Equal(share.WireBytes.AsSpan(), spooledShare.Share.WireBytes.AsSpan());
        var spooledBlock = Assert.IsType<SpooledBlock>(again.Kept[1]);
        Assert.Equal(block with { Bytes = [] }, spooledBlock.Block with { Bytes = [] });
        Assert.Equal(block.Bytes.AsSpan(), spooledBlock.Block.Bytes.AsSpan());
    }

    [Fact]
    public async Task ReleasedEntries_DoNotComeBack()
    {
        var (first, second) = (new MemorySpoolFile("1"), new MemorySpoolFile("2"));
        await using (var spool = Open(first, second))
        {
            for (var i = 1; i <= 5; i++) await spool.AddAsync(ShareOf(i));
            spool.Release([.. spool.Kept.Take(3).Select(entry => entry.Number)]);
        }

        await using var again = Open(first, second);
        Assert.Equal([4, 5], again.Kept.Select(Id));
        await again.AddAsync(ShareOf(6));
        Assert.Equal([4, 5, 6], again.Kept.Select(Id));
    }

    [Fact]
    public async Task Crash_AtAnyByteOfAnyWrite_LosesNothingThatWasOnDisk()
    {
        var history = new SpoolHistory();
        var (first, second) = (new MemorySpoolFile("1", history), new MemorySpoolFile("2", history));
        // What must be there after so many steps: said to be on disk and not released.
        var promised = new List<(int Steps, int[] Shares)> { (0, []) };
        var ever = new HashSet<int>();
        await using (var spool = Open(first, second))
        {
            for (var i = 1; i <= 30; i++)
            {
                ever.Add(i);
                Assert.True(await spool.AddAsync(ShareOf(i)));
                promised.Add((history.Steps, [.. spool.Kept.Select(Id)]));
                if (i % 5 != 0) continue;
                // Releases are written some time later: until then both with and without them is right.
                spool.Release([.. spool.Kept.SkipLast(1).Select(entry => entry.Number)]);
                promised.Add((promised[^1].Steps, [.. spool.Kept.Select(Id)]));
            }
        }
        // The files were rewritten, or the crash in the middle of that was not tried.
        Assert.True(history.Steps > 35);

        var crashes = 0;
        for (var steps = 0; steps <= history.Steps; steps++)
        {
            var tears = steps == history.Steps ? 0 : history.Tears(steps);
            for (var bytes = 0; bytes <= tears; bytes += bytes < 20 || tears < 200 ? 1 : 37)
            {
                crashes++;
                await using var spool = Open(history.After(first, steps, bytes), history.After(second, steps, bytes));
                var kept = spool.Kept.Select(Id).ToHashSet();
                var must = promised.Where(each => each.Steps <= steps).Select(each => each.Shares).Last();
                Assert.Superset(must.ToHashSet(), kept);
                Assert.Subset(ever, kept);
                // It works on.
                Assert.True(await spool.AddAsync(ShareOf(1000)));
                Assert.Contains(1000, spool.Kept.Select(Id));
            }
        }
        Assert.True(crashes > 1000);
    }

    [Fact]
    public async Task Crash_WhileStartingAfterACrash_LosesNothing()
    {
        // Both files hold entries, as when the crash came just before the old one was emptied.
        var (one, other) = (new MemorySpoolFile("1"), new MemorySpoolFile("2"));
        await using (var spool = Open(one, new MemorySpoolFile("x")))
        {
            for (var i = 1; i <= 3; i++) await spool.AddAsync(ShareOf(i));
        }
        await using (var spool = Open(other, new MemorySpoolFile("x")))
        {
            for (var i = 1; i <= 5; i++) await spool.AddAsync(ShareOf(i));
        }

        var history = new SpoolHistory();
        var (first, second) = (new MemorySpoolFile("1", history), new MemorySpoolFile("2", history));
        first.Write(0, one.Bytes);
        second.Write(0, other.Bytes);
        var before = history.Steps;
        await using (var spool = Open(first, second)) Assert.Equal([1, 2, 3, 4, 5], spool.Kept.Select(Id));
        Assert.Equal(0, second.Length);

        for (var steps = before; steps < history.Steps; steps++)
        {
            for (var bytes = 0; bytes <= history.Tears(steps); bytes++)
            {
                await using var spool = Open(history.After(first, steps, bytes), history.After(second, steps, bytes));
                Assert.Equal([1, 2, 3, 4, 5], spool.Kept.Select(Id));
            }
        }
    }

    [Fact]
    public async Task AnyByteChanged_GivesBackOnlyWholeEntries()
    {
        var file = new MemorySpoolFile("1");
        await using (var spool = Open(file, new MemorySpoolFile("2")))
        {
            for (var i = 1; i <= 3; i++) await spool.AddAsync(ShareOf(i));
        }

        for (var place = SpoolRecord.FileHead.Length; place < file.Length; place++)
        {
            var changed = new MemorySpoolFile("1");
            changed.Write(0, file.Bytes);
            changed.Bytes[place] ^= 0x41;
            await using var spool = Open(changed, new MemorySpoolFile("2"));
            var kept = spool.Kept.Select(Id).ToArray();
            Assert.True(kept is [] or [1] or [1, 2], $"byte {place}: {string.Join(',', kept)}");
        }
    }

    [Fact]
    public void AnotherProgramsFile_IsRefusedAndLeftAlone()
    {
        var file = new MemorySpoolFile("precious.doc");
        file.Write(0, "something precious"u8);
        var refused = Assert.Throws<InvalidDataException>(() => Open(file, new MemorySpoolFile("2")));
        Assert.Contains("precious.doc", refused.Message);
        Assert.Equal("something precious"u8, file.Bytes);
    }

    [Fact]
    public async Task ManyAtOnce_ShareFlushes()
    {
        var file = new MemorySpoolFile("1");
        await using var spool = Open(file, new MemorySpoolFile("2"), SpoolLimits.Default);
        var before = file.Flushes;
        var release = file.HoldWriters();
        Task<bool>[] adds = [.. Enumerable.Range(1, 500).Select(i => spool.AddAsync(ShareOf(i)))];
        release();
        Assert.All(await Task.WhenAll(adds), Assert.True);
        Assert.InRange(file.Flushes - before, 1, 3);
    }

    [Fact]
    public async Task FullSpool_SaysSoButTakesBlocks()
    {
        await using var spool = Open(new MemorySpoolFile("1"), new MemorySpoolFile("2"), new SpoolLimits(1_000, 1_000_000));
        var i = 0;
        while (spool.Trouble is null) await spool.AddAsync(ShareOf(++i));
        Assert.Contains("full", spool.Trouble);
        while (await spool.AddAsync(ShareOf(++i))) Assert.True(i < 100);
        Assert.True(await spool.AddAsync(BlockOf(i)));

        spool.Release([.. spool.Kept.Select(entry => entry.Number)]);
        Assert.Null(spool.Trouble);
        Assert.True(await spool.AddAsync(ShareOf(1)));
    }

    [Fact]
    public async Task FailingDisk_IsSaidAndMendedInTheOtherFile()
    {
        var (first, second) = (new MemorySpoolFile("1"), new MemorySpoolFile("2"));
        var delivered = new List<int>();
        await using (var spool = Open(first, second))
        {
            spool.Added += entry => delivered.Add(Id(entry));
            Assert.True(await spool.AddAsync(ShareOf(1)));
            first.Fault = second.Fault = new IOException("no space left on device");
            Assert.False(await spool.AddAsync(ShareOf(2)));
            Assert.Contains("no space left", spool.Trouble);
            second.Fault = null;
            first.Fault = new IOException("still broken");
            Assert.False(await spool.AddAsync(ShareOf(3)));
            first.Fault = null;
            Assert.True(await spool.AddAsync(ShareOf(4)));
            Assert.Null(spool.Trouble);
        }
        // Also what was not on disk goes to the silos as long as the process lives.
        Assert.Equal([1, 2, 3, 4], delivered);
        await using var again = Open(first, second);
        Assert.Equal([1, 2, 3, 4], again.Kept.Select(Id));
    }

    [Fact]
    public async Task Folder_IsUsedByOneGatewayAtATime()
    {
        var folder = Directory.CreateTempSubdirectory("grainpool-spool-");
        try
        {
            await using (var spool = Spool.Open(folder.FullName, Small, NullLogger.Instance))
            {
                Assert.True(await spool.AddAsync(ShareOf(7)));
                Assert.Throws<IOException>(() => Spool.Open(folder.FullName, Small, NullLogger.Instance));
            }
            await using var again = Spool.Open(folder.FullName, Small, NullLogger.Instance);
            Assert.Equal([7], again.Kept.Select(Id));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Spool Open(MemorySpoolFile first, MemorySpoolFile second, SpoolLimits? limits = null) =>
        Spool.Open(first, second, limits ?? Small, NullLogger.Instance);

    internal static OfferedShare ShareOf(int id, bool dead = false) => new(
        [.. BitConverter.GetBytes(id), .. Enumerable.Repeat((byte)id, 60)], new UInt256(1, 2, 3, (ulong)id), Time.AddSeconds(id), Own: true, dead);

    internal static FoundBlock BlockOf(int id) => new(
        Hash256.FromNumber((ulong)id), [.. Enumerable.Repeat((byte)id, 300)], (uint)id, "finder", Time.AddSeconds(id));

    internal static int Id(SpoolEntry entry) => entry is SpooledShare share
        ? BitConverter.ToInt32(share.Share.WireBytes.AsSpan())
        : (int)((SpooledBlock)entry).Block.Height;
}
