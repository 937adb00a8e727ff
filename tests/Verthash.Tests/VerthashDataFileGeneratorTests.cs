using System.Security.Cryptography;
using System.Runtime.Versioning;

namespace Grainpool.Verthash.Tests;

/// <summary>Making a data file on disk, and what is left when the making ends early, whatever ends it.</summary>
public sealed class VerthashDataFileGeneratorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(12)]
    public void MadeFile_HasTheRecordedDigest(int index)
    {
        var path = _directory.PathOf("verthash.dat");
        VerthashDataFileGenerator.Create(path, index);
        Assert.Equal(VerthashVectors.ScaledFile(index).Bytes("sha256"), SHA256.HashData(File.ReadAllBytes(path)));
        Assert.Equal(["verthash.dat", "verthash.dat.verified"], _directory.FileNames);
    }

    [Fact]
    public void IndexWithoutKnownDigest_IsMadeToo()
    {
        var path = _directory.PathOf("verthash.dat");
        var made = VerthashDataFileGenerator.Create(path, 9);
        Assert.Equal(VerthashDataFileSpecification.ForIndex(9), made);
        VerthashDataFile.Verify(path, made);
    }

    [Fact]
    public void Progress_GoesThroughTheStagesInOrder()
    {
        var progress = new Recorder<VerthashGenerationProgress>();
        VerthashDataFileGenerator.Create(_directory.PathOf("verthash.dat"), 6, progress);
        Assert.Equal(progress.Told.OrderBy(told => told.Stage).ThenBy(told => told.Fraction), progress.Told);
        foreach (var stage in Enum.GetValues<VerthashGenerationStage>())
        {
            Assert.Equal(0, progress.Told.First(told => told.Stage == stage).Fraction);
            Assert.Equal(1, progress.Told.Last(told => told.Stage == stage).Fraction);
        }
    }

    [Theory]
    [InlineData(VerthashGenerationStage.Generating, 0)]
    [InlineData(VerthashGenerationStage.Generating, 0.5)]
    [InlineData(VerthashGenerationStage.Generating, 1)]
    [InlineData(VerthashGenerationStage.Writing, 0)]
    [InlineData(VerthashGenerationStage.Writing, 1)]
    [InlineData(VerthashGenerationStage.Checking, 0)]
    [InlineData(VerthashGenerationStage.Checking, 1)]
    public void Cancelled_LeavesNothing(VerthashGenerationStage stage, double fraction)
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Recorder<VerthashGenerationProgress>(told =>
        {
            if (told.Stage == stage && told.Fraction >= fraction)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(
            () => VerthashDataFileGenerator.Create(_directory.PathOf("verthash.dat"), 6, progress, cancellation.Token));
        Assert.Empty(_directory.FileNames);
    }

    [Fact]
    public void Cancelled_LeavesTheOldFileAsItWas()
    {
        var path = _directory.PathOf("verthash.dat");
        File.WriteAllText(path, "something else");
        using var cancellation = new CancellationTokenSource();
        var progress = new Recorder<VerthashGenerationProgress>(_ => cancellation.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => VerthashDataFileGenerator.Create(path, 6, progress, cancellation.Token));
        Assert.Equal("something else", File.ReadAllText(path));
        Assert.Equal(["verthash.dat"], _directory.FileNames);
    }

    [Fact]
    public void UntilItIsChecked_TheNameIsNotThere()
    {
        var path = _directory.PathOf("verthash.dat");
        var progress = new Recorder<VerthashGenerationProgress>(_ => Assert.False(File.Exists(path)));
        VerthashDataFileGenerator.Create(path, 6, progress);
        Assert.NotEmpty(progress.Told);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void BytesDamagedOnTheWay_AreFoundAndNotNamed()
    {
        var path = _directory.PathOf("verthash.dat");
        var progress = new Recorder<VerthashGenerationProgress>(told =>
        {
            if (told is { Stage: VerthashGenerationStage.Checking, Fraction: 0 })
                Damage(_directory.PathOf(Assert.Single(_directory.FileNames)));
        });
        var refusal = Assert.Throws<VerthashDataFileException>(() => VerthashDataFileGenerator.Create(path, 6, progress));
        Assert.Equal(VerthashDataFileFailure.WrongChecksum, refusal.Reason);
        Assert.Empty(_directory.FileNames);

        // The maker holds a lock against other makers; a failing disk does not ask for locks, so neither does this.
        static void Damage(string partial)
        {
            using var damage = System.Diagnostics.Process.Start(
                "dd", [$"of={partial}", "if=/dev/zero", "bs=1", "seek=1000", "count=4", "conv=notrunc", "status=none"]);
            damage.WaitForExit();
            Assert.Equal(0, damage.ExitCode);
        }
    }

    [Fact]
    public void FileLeftByAKilledMaker_IsRemovedByTheNext()
    {
        File.WriteAllText(_directory.PathOf("verthash.dat.0123456789abcdef.partial"), "cut short");
        File.WriteAllText(_directory.PathOf("other.dat.0123456789abcdef.partial"), "not ours");
        VerthashDataFileGenerator.Create(_directory.PathOf("verthash.dat"), 2);
        Assert.Equal(["other.dat.0123456789abcdef.partial", "verthash.dat", "verthash.dat.verified"], _directory.FileNames);
    }

    [Fact]
    public void TwoMakersAtOnce_DoNotDisturbEachOther()
    {
        var path = _directory.PathOf("verthash.dat");
        var started = false;
        var progress = new Recorder<VerthashGenerationProgress>(told =>
        {
            if (started || told.Stage != VerthashGenerationStage.Writing)
                return;
            started = true;
            VerthashDataFileGenerator.Create(path, 6);
        });
        VerthashDataFileGenerator.Create(path, 6, progress);
        Assert.True(started);
        Assert.Equal(["verthash.dat", "verthash.dat.verified"], _directory.FileNames);
        VerthashDataFile.Verify(path, VerthashDataFileSpecification.ForIndex(6));
    }

    [Fact]
    public void Directory_IsNotAFile() => AssertUnmade(_directory.Root, VerthashDataFileFailure.NotAFile);

    [Fact]
    public void NoDirectory_IsMissing() => AssertUnmade(_directory.PathOf("none/verthash.dat"), VerthashDataFileFailure.Missing);

    [Fact(Skip = OrdinaryUser.WhyNot, SkipUnless = nameof(OrdinaryUser.CanBeTaken), SkipType = typeof(OrdinaryUser))]
    [SupportedOSPlatform("linux")]
    public void DirectoryOfSomebodyElse_IsNoPermission()
    {
        File.SetUnixFileMode(_directory.Root, (UnixFileMode)0b101_101_101);
        try
        {
            OrdinaryUser.Run(() => AssertUnmade(_directory.PathOf("verthash.dat"), VerthashDataFileFailure.NoPermission));
        }
        finally
        {
            File.SetUnixFileMode(_directory.Root, (UnixFileMode)0b111_000_000);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(21)]
    public void IndexOutOfRange_IsRefused(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => VerthashDataFileGenerator.Create(_directory.PathOf("verthash.dat"), index));

    [Fact]
    public void MoreThanTheMemoryThereIs_IsRefusedWithTheNumbers()
    {
        VerthashDataFileGenerator.CheckMemory("verthash.dat", 1_000_000, 1_000_000);
        var refusal = Assert.Throws<VerthashDataFileException>(() => VerthashDataFileGenerator.CheckMemory("verthash.dat", 1_000_000, 999_999));
        Assert.Equal(VerthashDataFileFailure.NoMemory, refusal.Reason);
        Assert.Contains("takes 1,000,000 bytes of memory, and the system has 999,999 to give", refusal.Message, StringComparison.Ordinal);
    }

    private static void AssertUnmade(string path, VerthashDataFileFailure reason)
    {
        var refusal = Assert.Throws<VerthashDataFileException>(() => VerthashDataFileGenerator.Create(path, 2));
        Assert.Equal(reason, refusal.Reason);
        Assert.Equal(path, refusal.Path);
        Assert.Contains($"'{path}'", refusal.Message, StringComparison.Ordinal);
    }
}
