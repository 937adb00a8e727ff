namespace Grainpool.Verthash.Tests;

/// <summary>How a data file is kept in memory: every mode is the same table, and what was obtained is told as it is.</summary>
public sealed class VerthashMemoryTests : IDisposable
{
    private const long Huge = HugePageMemory.PageLength;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<VerthashMemoryMode> Modes => [.. Enum.GetValues<VerthashMemoryMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public void EveryMode_IsTheSameTable(VerthashMemoryMode mode)
    {
        var path = _directory.DataFile(8);
        // The first time with the checksum, the second time trusting the mark: two ways to fill the memory.
        for (var time = 0; time < 2; time++)
        {
            var progress = new Recorder<double>();
            using var data = VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(8), mode, progress);
            Assert.Equal(mode == VerthashMemoryMode.Auto ? VerthashMemoryMode.Copy : mode, data.Mode);
            Assert.Equal(data.Mode == VerthashMemoryMode.Lines ? VerthashRowLayout.Lines : VerthashRowLayout.File, data.Layout);
            Assert.Equal(20, VerthashVectors.AssertHashes(data, VerthashVectors.ScaledFile(8).GetProperty("vectors")));
            Assert.Equal((0, 1), (progress.Told[0], progress.Told[^1]));

            var bytes = new byte[data.Length];
            data.CopyTo(0, bytes);
            Assert.Equal(File.ReadAllBytes(path), bytes);
            var piece = new byte[1000];
            data.CopyTo(data.Length - 1001, piece);
            Assert.True(bytes.AsSpan(bytes.Length - 1001, 1000).SequenceEqual(piece));
            Assert.Throws<ArgumentOutOfRangeException>(() => data.CopyTo(data.Length - 999, piece));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void EveryMode_RefusesADamagedFile(VerthashMemoryMode mode)
    {
        var path = _directory.DataFile(4);
        var bytes = File.ReadAllBytes(path);
        bytes[5000] ^= 1;
        File.WriteAllBytes(path, bytes);
        var refusal = Assert.Throws<VerthashDataFileException>(() => VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(4), mode));
        Assert.Equal(VerthashDataFileFailure.WrongChecksum, refusal.Reason);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void EveryMode_RefusesADirectory(VerthashMemoryMode mode)
    {
        var refusal = Assert.Throws<VerthashDataFileException>(
            () => VerthashDataFile.Load(_directory.Root, VerthashDataFileSpecification.ForIndex(4), mode));
        Assert.Equal(VerthashDataFileFailure.NotAFile, refusal.Reason);
    }

    [Theory]
    [InlineData(1711276032, VerthashMemoryMode.Copy)]
    [InlineData(1283457024, VerthashMemoryMode.Copy)]
    [InlineData(1283457023, VerthashMemoryMode.Map)]
    [InlineData(0, VerthashMemoryMode.Map)]
    public void Auto_CopiesWhenThereIsMemory(long available, VerthashMemoryMode expected)
    {
        Assert.Equal(expected, VerthashDataFile.Obtainable(VerthashMemoryMode.Auto, VerthashDataFileSpecification.Full.Length, available));
        foreach (var asked in Enum.GetValues<VerthashMemoryMode>().Except([VerthashMemoryMode.Auto]))
            Assert.Equal(asked, VerthashDataFile.Obtainable(asked, VerthashDataFileSpecification.Full.Length, available));
    }

    [Theory]
    [InlineData(VerthashMemoryMode.Lines, "1,711,276,032")]
    [InlineData(VerthashMemoryMode.Copy, "1,283,457,024")]
    public void CopyForWhichThereIsNoMemory_IsRefusedBeforeItIsTaken(VerthashMemoryMode mode, string needed)
    {
        var refusal = Assert.Throws<VerthashDataFileException>(
            () => VerthashDataFile.AllocateFor("v.dat", VerthashDataFileSpecification.Full, mode, 1_000_000_000));
        Assert.Equal(VerthashDataFileFailure.NoMemory, refusal.Reason);
        Assert.Contains(needed, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("1,000,000,000", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("memory: map", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MappedFile_ThatIsReplacedByRenaming_StaysWhatItWas()
    {
        var path = _directory.DataFile(6);
        using var data = VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(6), VerthashMemoryMode.Map);
        File.WriteAllText(_directory.PathOf("other"), "something short");
        File.Move(_directory.PathOf("other"), path, overwrite: true);
        Assert.Equal(20, VerthashVectors.AssertHashes(data, VerthashVectors.ScaledFile(6).GetProperty("vectors")));
    }

    [Fact]
    public void PagesThatWereTouchedSmall_AreGatheredWithTheirContent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has such pages for the asking.");
        using var memory = HugePageMemory.Allocate((3 * Huge) - 4096, advised: false);
        using var held = memory.Hold();
        var content = memory.Slice(0, (int)memory.Length);
        new Random(3).NextBytes(content);
        var before = content.ToArray();
        var small = memory.HugePageBytes;

        memory.Gather();
        Assert.True(content.SequenceEqual(before));
        // None where the system is too old; the last page, which is not whole, stays as it is.
        Assert.Contains(memory.HugePageBytes, new[] { small, 2 * Huge, 3 * Huge });
    }

    [Fact]
    public void HugePages_AreSummedOverTheMappingsOfTheMemory()
    {
        string[] accounts =
        [
            "7f0000000000-7f0000200000 rw-p 00000000 00:00 0 ", "Size:               2048 kB", "AnonHugePages:      2048 kB",
            "7f0000200000-7f0000800000 rw-p 00000000 00:00 0 ", "AnonHugePages:      4096 kB", "VmFlags: rd wr mr mw me ac hg",
            "7f0000800000-7f0000900000 rw-p 00000000 00:00 0          [heap]", "AnonHugePages:      1024 kB",
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]", "AnonHugePages:         0 kB",
        ];
        Assert.Equal(3 * Huge, HugePageMemory.CountHugePages(accounts, 0x7f0000000000, 0x7f0000800000));
        Assert.Equal(2 * Huge, HugePageMemory.CountHugePages(accounts, 0x7f0000300000, 0x7f0000400000));
        Assert.Equal(0, HugePageMemory.CountHugePages(accounts, 0x7f0000900000, 0x7f0000a00000));
        Assert.Equal(0, HugePageMemory.CountHugePages([], 0, ulong.MaxValue));
    }

    [Fact]
    public void MemoryForATable_StartsOnAHugePageWhereThereAreSuch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux gives huge pages on advice.");
        using var memory = DataFileMemory.Allocate((3 * Huge) + 5);
        using var held = memory.Hold();
        unsafe
        {
            Assert.Equal(0, (nint)memory.Start % (nint)Huge);
        }
        Assert.Equal((3 * Huge) + 5, memory.Length);
        memory.Slice(0, (int)memory.Length).Fill(7);

        // Whether the system gives them is its own affair; what it says of itself must be believable.
        var policy = File.Exists("/sys/kernel/mm/transparent_hugepage/enabled") ? File.ReadAllText("/sys/kernel/mm/transparent_hugepage/enabled") : "[never]";
        Assert.InRange(memory.HugePageBytes, 0, policy.Contains("[never]", StringComparison.Ordinal) ? 0 : 4 * Huge);
    }

    [Fact]
    public void Description_TellsModeBytesAndPages()
    {
        using var copy = VerthashDataFile.InMemory(4);
        Assert.Equal("private copy, 10,240 bytes, 0 % on pages of 2 MB", MemoryDescription.Of(copy));
        using var lines = VerthashDataFile.InMemory(4, VerthashRowLayout.Lines);
        Assert.Equal("private copy in lines of 64 bytes, 13,632 bytes, 0 % on pages of 2 MB", MemoryDescription.Of(lines));
    }

    [Fact]
    public void AvailableMemory_IsTheSmallerOfMachineAndControlGroup()
    {
        var machine = _directory.PathOf("meminfo");
        File.WriteAllText(machine, "MemTotal:       24684568 kB\nMemAvailable:    2000000 kB\n");
        Assert.Equal(2_048_000_000, AvailableMemory.Of(machine, _directory.PathOf("none")));

        Assert.Equal(1_300_000_000, Group("2000000000", "1000000000", "anon 5\ninactive_file 300000000\n"));
        Assert.Equal(2_048_000_000, Group("max", "1000000000", "inactive_file 0\n"));
        Assert.Equal(0, Group("1000", "5000", "anon 5\n"));
        Assert.InRange(AvailableMemory.Of(_directory.PathOf("none"), _directory.PathOf("none")), 1, long.MaxValue);
        Assert.InRange(AvailableMemory.Bytes, 1, long.MaxValue);

        long Group(string most, string taken, string statistics)
        {
            File.WriteAllText(_directory.PathOf("memory.max"), most + "\n");
            File.WriteAllText(_directory.PathOf("memory.current"), taken + "\n");
            File.WriteAllText(_directory.PathOf("memory.stat"), statistics);
            return AvailableMemory.Of(machine, _directory.Root);
        }
    }
}
