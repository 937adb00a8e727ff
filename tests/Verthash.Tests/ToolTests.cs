using System.Diagnostics;
using System.Runtime.InteropServices;
using Grainpool.Verthash.Tool;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Grainpool.Verthash.Tests;

/// <summary>The command-line tool, in process where that shows enough, and as a process that is killed.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private string DataFile => _directory.PathOf("verthash.dat");

    public void Dispose()
    {
        _directory.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Make_ThenVerify_ThenHash_AllSucceed()
    {
        var vector = VerthashVectors.ScaledFile(6).GetProperty("vectors")[0];
        Assert.Equal(0, await Run("make", "--path", DataFile, "--index", "6"));
        Assert.StartsWith($"Making {DataFile}: 86,016 bytes of memory meanwhile", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Generating: 0 %", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Checking: 100 %", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains(VerthashVectors.ScaledFile(6).GetProperty("sha256").GetString()!, _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Run("verify", "--path", DataFile, "--index", "6"));
        Assert.Contains("is good: index 6, 86,016 bytes", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Run("hash", "--path", DataFile, "--index", "6", vector.GetProperty("header").GetString()!));
        Assert.Contains($"bytes  {vector.GetProperty("hash")}", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public async Task Bench_TellsEveryPathMemoryAndTheLimit()
    {
        Assert.Equal(0, await Run("make", "--path", DataFile, "--index", "6"));
        Assert.Equal(0, await Run(
            "bench", "--path", DataFile, "--index", "6", "--memory", "lines", "copy", "map", "ordinary", "--batches", "2", "33", "--rounds", "1", "--milliseconds", "1"));
        var rows = _output.ToString().ReplaceLineEndings("\n").Split('\n');
        foreach (var memory in new[] { "lines", "copy", "map", "ordinary" })
        {
            // One alone, and each batch.
            foreach (var what in VerthashPaths.Supported.Select(path => path.ToString()).Append("limit"))
                Assert.Equal(3, rows.Count(row => row.StartsWith($"{what,-24} {memory,-10} ", StringComparison.Ordinal)));
        }
        Assert.Equal("1.00", Columns(rows.First(row => row.StartsWith("Scalar", StringComparison.Ordinal)))[5]);
        Assert.All(rows.Where(row => row.StartsWith("limit ", StringComparison.Ordinal)), row => Assert.Equal("1.00", Columns(row)[6]));
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public async Task Bench_WithALibraryThatIsNone_SaysSoBeforeTheTableIsLoaded()
    {
        await File.WriteAllTextAsync(DataFile, "no library", TestContext.Current.CancellationToken);
        Assert.Equal(1, await Run("bench", "--path", _directory.PathOf("none.dat"), "--index", "4", "--library", DataFile));
        Assert.Contains(DataFile, _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_WithALibraryThatHasNoSuchFunction_NamesBoth()
    {
        var library = Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*System.Native.*")
            .First(file => NativeLibrary.TryLoad(file, out _));
        Assert.Equal(1, await Run("bench", "--path", DataFile, "--library", library));
        Assert.Contains($"'{library}' exports no function verthash_hash", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Make_OverAGoodFile_KeepsIt()
    {
        Assert.Equal(0, await Run("make", "--path", DataFile, "--index", "4"));
        var made = File.GetLastWriteTimeUtc(DataFile);
        Assert.Equal(0, await Run("make", "--path", DataFile, "--index", "4"));
        Assert.Contains("is there already and good", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(made, File.GetLastWriteTimeUtc(DataFile));
    }

    [Fact]
    public async Task Make_OverSomethingElse_ReplacesItOnlyWhenAsked()
    {
        await File.WriteAllTextAsync(DataFile, "dear diary", TestContext.Current.CancellationToken);
        Assert.Equal(1, await Run("make", "--path", DataFile, "--index", "4"));
        Assert.Contains("--replace", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal("dear diary", await File.ReadAllTextAsync(DataFile, TestContext.Current.CancellationToken));

        Assert.Equal(0, await Run("make", "--path", DataFile, "--index", "4", "--replace"));
        VerthashDataFile.Verify(DataFile, VerthashDataFileSpecification.ForIndex(4));
    }

    [Fact]
    public async Task Make_OverAnEmptyFile_LeavesItEvenWhenAskedToReplace()
    {
        // It may be a device, which a user with all rights would do away with.
        await File.WriteAllBytesAsync(DataFile, [], TestContext.Current.CancellationToken);
        Assert.Equal(1, await Run("make", "--path", DataFile, "--index", "4", "--replace"));
        Assert.Contains("Remove it", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["verthash.dat"], _directory.FileNames);
    }

    [Fact]
    public async Task Verify_OfNothing_FailsWithTheRemedy()
    {
        Assert.Equal(1, await Run("verify", "--path", DataFile));
        Assert.Contains($"make --path {DataFile}`", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("verify", "--path", "")]
    [InlineData("make", "--path", "x", "--index", "0")]
    [InlineData("make", "--path", "x", "--index", "21")]
    [InlineData("make", "--path", "x", "--index", "many")]
    [InlineData("bench", "--path", "x", "--memory", "much")]
    [InlineData("bench", "--path", "x", "--threads", "0")]
    [InlineData("bench", "--path", "x", "--batches", "1")]
    [InlineData("bench", "--path", "x", "--paths", "Vector1024")]
    [InlineData("hash", "--path", "x")]
    [InlineData("hash", "--path", "x", "00")]
    [InlineData("hash", "--path", "x", "not hexadecimal")]
    public async Task WrongArguments_AreRefusedBeforeAnyWork(params string[] arguments)
    {
        Assert.Equal(1, await Run(arguments));
        Assert.NotEqual("", _error.ToString());
        Assert.Empty(_directory.FileNames);
    }

    [Fact]
    public void PlainProgress_TellsTenthsWithTheTimeLeft()
    {
        var time = new FakeTimeProvider();
        var progress = new PlainProgress(_output, time);
        progress.Report("Generating", 0);
        time.Advance(TimeSpan.FromSeconds(3));
        progress.Report("Generating", 0.25);
        progress.Report("Generating", 0.27);
        progress.Report("Generating", 1);
        progress.Report("Writing", 0);
        Assert.Equal(
            ["Generating: 0 %", "Generating: 20 %, 9 s left", "Generating: 100 %", "Writing: 0 %", ""],
            _output.ToString().ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public async Task Make_Killed_LeavesNoFileUnderTheName()
    {
        var tool = typeof(Commands).Assembly.Location;
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet")
        {
            ArgumentList = { "exec", tool, "make", "--path", DataFile, "--index", "14" },
            RedirectStandardOutput = true,
        })!;
        Assert.StartsWith("Making ", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("Generating: 0 %", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var left = Assert.Single(_directory.FileNames);
        Assert.EndsWith(".partial", left, StringComparison.Ordinal);
        VerthashDataFileGenerator.Create(DataFile, 2);
        Assert.Equal(["verthash.dat", "verthash.dat.verified"], _directory.FileNames);

        static bool IsDotnet(string path) => Path.GetFileNameWithoutExtension(path) == "dotnet";
    }

    // what, memory, together, hashes/s, µs/hash, ratio, of limit, spread
    private static string[] Columns(string row) => row.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private Task<int> Run(params string[] arguments)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_output),
        });
        return Commands.Root(console, _output, _error).Parse(arguments).InvokeAsync(
            new() { Output = _output, Error = _error }, TestContext.Current.CancellationToken);
    }
}
