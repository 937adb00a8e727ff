using System.Diagnostics;
using System.Runtime.Versioning;

namespace Grainpool.Verthash.Tests;

/// <summary>Loading and checking a data file from disk: good ones, every kind of bad one, and what is remembered of a check.</summary>
public sealed class VerthashDataFileTests : IDisposable
{
    private static readonly VerthashDataFileSpecification Expected = VerthashDataFileSpecification.ForIndex(4);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void GoodFile_IsTheTable()
    {
        var path = _directory.DataFile(8);
        var progress = new Recorder<double>();
        using var data = VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(8), progress);
        Assert.Equal(8, data.Index);
        Assert.Equal(new FileInfo(path).Length, data.Length);
        Assert.Equal(20, VerthashVectors.AssertHashes(data, VerthashVectors.ScaledFile(8).GetProperty("vectors")));
        Assert.Equal((0, 1), (progress.Told[0], progress.Told[^1]));
    }

    [Fact]
    public void NoFile_IsMissing()
    {
        AssertRefused(_directory.PathOf("none.dat"), VerthashDataFileFailure.Missing, "no such file");
        AssertRefused(_directory.PathOf("no/such/directory.dat"), VerthashDataFileFailure.Missing, "no such file");
    }

    [Fact]
    public void LinkToNothing_IsMissing()
    {
        var link = _directory.PathOf("link.dat");
        File.CreateSymbolicLink(link, _directory.PathOf("gone.dat"));
        AssertRefused(link, VerthashDataFileFailure.Missing, "no such file");
    }

    [Fact]
    public void LinkToAGoodFile_IsAsGoodAsTheFile()
    {
        var link = _directory.PathOf("link.dat");
        File.CreateSymbolicLink(link, _directory.DataFile(4));
        Load(link);
        File.Delete(_directory.PathOf("index-4.dat"));
        AssertRefused(link, VerthashDataFileFailure.Missing, "no such file");
    }

    [Fact]
    public void Directory_IsNotAFile() => AssertRefused(_directory.Root, VerthashDataFileFailure.NotAFile, "directory");

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void OtherLength_IsRefusedWithBothLengths(int difference)
    {
        var path = _directory.DataFile(4);
        using (var file = File.OpenWrite(path))
            file.SetLength(file.Length + difference);
        AssertRefused(path, VerthashDataFileFailure.WrongLength, $"{10240 + difference} bytes instead of 10240");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    [InlineData(10239)]
    public void OneFlippedBit_IsAWrongChecksum(int at)
    {
        var path = _directory.DataFile(4);
        Flip(path, at);
        AssertRefused(path, VerthashDataFileFailure.WrongChecksum, Convert.ToHexStringLower(Expected.Sha256.AsSpan()));
    }

    [Fact]
    public void NamedPipe_IsRefusedWithoutWaitingForAWriter()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps its pipes apart from files.");
        var path = _directory.PathOf("pipe.dat");
        using (var mkfifo = Process.Start("mkfifo", [path]))
            mkfifo.WaitForExit();
        AssertRefused(path, VerthashDataFileFailure.Empty, "0 bytes instead of 10240");
    }

    [Fact]
    public void EmptyFile_IsRefusedWithoutProposingToReplaceIt()
    {
        var path = _directory.PathOf("empty.dat");
        File.WriteAllBytes(path, []);
        AssertRefused(path, VerthashDataFileFailure.Empty, "Remove it or correct the path");
        Assert.DoesNotContain("--replace", Assert.Throws<VerthashDataFileException>(() => Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact(Skip = OrdinaryUser.WhyNot, SkipUnless = nameof(OrdinaryUser.CanBeTaken), SkipType = typeof(OrdinaryUser))]
    [SupportedOSPlatform("linux")]
    public void FileOfSomebodyElse_IsNoPermission()
    {
        var path = _directory.DataFile(4);
        File.SetUnixFileMode(_directory.Root, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(path, UnixFileMode.None);
        OrdinaryUser.Run(() => AssertRefused(path, VerthashDataFileFailure.NoPermission, "may not read"));
    }

    [Fact]
    public void MoreThanTheSystemHas_IsNoMemory()
    {
        var refusal = Assert.Throws<VerthashDataFileException>(
            () => VerthashDataFile.AllocateFor("big.dat", Expected with { Length = 1L << 60 }, VerthashMemoryMode.Copy, long.MaxValue));
        Assert.Equal(VerthashDataFileFailure.NoMemory, refusal.Reason);
        Assert.Equal("big.dat", refusal.Path);
    }

    [Fact]
    public void Remedy_NamesTheCommandForThisFile()
    {
        var small = Assert.Throws<VerthashDataFileException>(() => VerthashDataFile.Load("absent/x.dat", Expected));
        Assert.Contains("`dotnet run --project Verthash.Tool -- make --path absent/x.dat --index 4`", small.Message, StringComparison.Ordinal);
        var full = Assert.Throws<VerthashDataFileException>(() => VerthashDataFile.Load("absent/x.dat", VerthashDataFileSpecification.Full));
        Assert.Contains("`dotnet run --project Verthash.Tool -- make --path absent/x.dat`", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CancelledLoad_Stops()
    {
        var path = _directory.DataFile(4);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => VerthashDataFile.Load(path, Expected, ct: cancellation.Token));
        Assert.False(File.Exists(path + ".verified"));
    }

    [Fact]
    public void FirstLoad_LeavesAMarkThatTheNextTrusts()
    {
        var path = _directory.DataFile(4);
        Load(path);
        Assert.True(File.Exists(path + ".verified"));

        // A change that leaves length and time alone is what the mark cannot see: proof that the second load did not compute the digest.
        var changed = File.GetLastWriteTimeUtc(path);
        Flip(path, 17);
        File.SetLastWriteTimeUtc(path, changed);
        Load(path);
    }

    [Fact]
    public void ChangedTime_MakesTheMarkWorthless()
    {
        var path = _directory.DataFile(4);
        Load(path);
        var changed = File.GetLastWriteTimeUtc(path);
        Flip(path, 17);
        File.SetLastWriteTimeUtc(path, changed.AddMilliseconds(1));
        AssertRefused(path, VerthashDataFileFailure.WrongChecksum, "SHA-256");
    }

    [Fact]
    public void ChangedLength_IsRefusedInSpiteOfTheMark()
    {
        var path = _directory.DataFile(4);
        Load(path);
        var changed = File.GetLastWriteTimeUtc(path);
        using (var file = File.OpenWrite(path))
            file.SetLength(file.Length - 32);
        File.SetLastWriteTimeUtc(path, changed);
        AssertRefused(path, VerthashDataFileFailure.WrongLength, "10208 bytes");
    }

    [Fact]
    public void MarkOfAnotherDigest_IsWorthless()
    {
        var path = _directory.DataFile(4);
        Load(path);
        var other = Expected with { Sha256 = [.. Enumerable.Repeat((byte)7, 32)] };
        var refusal = Assert.Throws<VerthashDataFileException>(() => VerthashDataFile.Load(path, other));
        Assert.Equal(VerthashDataFileFailure.WrongChecksum, refusal.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("verthash data file verified\n")]
    public void BrokenMark_IsWorthlessAndReplaced(string text)
    {
        var path = _directory.DataFile(4);
        Load(path);
        var mark = File.ReadAllText(path + ".verified");
        File.WriteAllText(path + ".verified", text);
        Load(path);
        Assert.Equal(mark, File.ReadAllText(path + ".verified"));
    }

    [Fact]
    public void DirectoryInPlaceOfTheMark_DoesNotStandInTheWay()
    {
        var path = _directory.DataFile(4);
        Directory.CreateDirectory(path + ".verified");
        Load(path);
    }

    [Fact]
    public void Verify_ComputesTheDigestWhateverTheMarkSays()
    {
        var path = _directory.DataFile(4);
        VerthashDataFile.Verify(path, Expected);
        Assert.True(File.Exists(path + ".verified"));

        var changed = File.GetLastWriteTimeUtc(path);
        Flip(path, 17);
        File.SetLastWriteTimeUtc(path, changed);
        var refusal = Assert.Throws<VerthashDataFileException>(() => VerthashDataFile.Verify(path, Expected));
        Assert.Equal(VerthashDataFileFailure.WrongChecksum, refusal.Reason);
        Assert.False(File.Exists(path + ".verified"));
        AssertRefused(path, VerthashDataFileFailure.WrongChecksum, "SHA-256");
    }

    private static void Load(string path) => VerthashDataFile.Load(path, Expected).Dispose();

    private static void AssertRefused(string path, VerthashDataFileFailure reason, string finding)
    {
        foreach (Action attempt in new Action[] { () => Load(path), () => VerthashDataFile.Verify(path, Expected) })
        {
            var refusal = Assert.Throws<VerthashDataFileException>(attempt);
            Assert.Equal(reason, refusal.Reason);
            Assert.Equal(path, refusal.Path);
            Assert.Contains($"'{path}'", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(finding, refusal.Message, StringComparison.Ordinal);
            Assert.Contains("dotnet run --project Verthash.Tool -- make", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static void Flip(string path, int at)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }
}
