using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Grainpool.Verthash.Tool.Benching;
using Spectre.Console;

namespace Grainpool.Verthash.Tool;

/// <summary>The command line: <c>make</c>, <c>verify</c>, <c>hash</c> and <c>bench</c>.</summary>
internal static class Commands
{
    /// <summary>All commands, writing to the given console and streams.</summary>
    /// <param name="console">Draws progress bars when it is a terminal.</param>
    /// <param name="output">Results, and progress as plain lines when the console is not a terminal.</param>
    /// <param name="error">Why something was not done.</param>
    public static RootCommand Root(IAnsiConsole console, TextWriter output, TextWriter error)
    {
        var progress = new ProgressDisplay(console, output, TimeProvider.System);
        return new RootCommand("Makes, checks and uses the data file that Verthash, Vertcoin's proof of work, reads.")
        {
            Make(progress, output, error),
            Verify(progress, output, error),
            Hash(progress, output, error),
            BenchCommand.Create(progress, output, error),
        };
    }

    private static Command Make(ProgressDisplay progress, TextWriter output, TextWriter error)
    {
        var path = PathOption();
        var index = IndexOption();
        var replace = new Option<bool>("--replace") { Description = "Replace what is at the path if it is not a good data file." };
        var command = new Command("make", "Make the data file. A good one that is already there is kept.") { path, index, replace };
        command.SetAction((arguments, cancellation) => Run(error, () =>
        {
            var file = arguments.GetRequiredValue(path);
            if (File.Exists(file)
                && IsGood(file, Expected(arguments.GetValue(index), progress, cancellation), arguments.GetValue(replace), progress, cancellation))
            {
                output.WriteLine($"{file} is there already and good.");
                return;
            }
            var needed = VerthashDataFileSpecification.LengthOf(arguments.GetValue(index));
            output.WriteLine($"Making {file}: {needed:N0} bytes of memory meanwhile, and as much of disk.");
            var started = Stopwatch.GetTimestamp();
            var made = progress.Show(report => VerthashDataFileGenerator.Create(file, arguments.GetValue(index), report, cancellation));
            output.WriteLine($"Made {file}: {Describe(made)}, in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s.");
        }));
        return command;
    }

    private static Command Verify(ProgressDisplay progress, TextWriter output, TextWriter error)
    {
        var path = PathOption();
        var index = IndexOption();
        var command = new Command("verify", "Check length and SHA-256 of a data file.") { path, index };
        command.SetAction((arguments, cancellation) => Run(error, () =>
        {
            var file = arguments.GetRequiredValue(path);
            var expected = Expected(arguments.GetValue(index), progress, cancellation);
            progress.Show("Checking", report =>
            {
                VerthashDataFile.Verify(file, expected, report, cancellation);
                return true;
            });
            output.WriteLine($"{file} is good: {Describe(expected)}.");
        }));
        return command;
    }

    private static Command Hash(ProgressDisplay progress, TextWriter output, TextWriter error)
    {
        var path = PathOption();
        var index = IndexOption();
        var header = new Argument<byte[]>("header")
        {
            Description = "The block header: 80 bytes in hexadecimal, as on the wire.",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = ParseHeader,
        };
        var command = new Command("hash", "Hash one block header. Prints the 32 bytes in order, then as a number.") { path, index, header };
        command.SetAction((arguments, cancellation) => Run(error, () =>
        {
            var expected = Expected(arguments.GetValue(index), progress, cancellation);
            // Mapped: for one hash nothing is worth copying.
            using var data = progress.Show("Loading", report => VerthashDataFile.Load(
                arguments.GetRequiredValue(path), expected, VerthashMemoryMode.Map, report, cancellation));
            var hash = new byte[VerthashHasher.HashLength];
            new VerthashHasher(data).Hash(arguments.GetRequiredValue(header), hash);
            output.WriteLine($"bytes  {Hex(hash)}");
            Array.Reverse(hash);
            output.WriteLine($"number {Hex(hash)}");
        }));
        return command;
    }

    /// <summary>The data file.</summary>
    internal static Option<string> PathOption()
    {
        var option = new Option<string>("--path") { Description = "The data file.", Required = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
                result.AddError("--path is empty.");
        });
        return option;
    }

    /// <summary>Its size parameter.</summary>
    internal static Option<int> IndexOption()
    {
        var option = new Option<int>("--index")
        {
            Description = "Size parameter; 17 is Vertcoin's, small ones are for tests.",
            DefaultValueFactory = _ => VerthashDataFileSpecification.FullIndex,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var index)
                && index is < 1 or > VerthashDataFileSpecification.LargestIndex)
            {
                result.AddError($"--index is {index}, but must be 1 to {VerthashDataFileSpecification.LargestIndex}.");
            }
        });
        return option;
    }

    private static byte[]? ParseHeader(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        try
        {
            var bytes = Convert.FromHexString(text);
            if (bytes.Length == VerthashHasher.HeaderLength)
                return bytes;
        }
        catch (FormatException)
        {
            // Told below, together with a wrong length.
        }
        result.AddError($"The header must be {2 * VerthashHasher.HeaderLength} hexadecimal digits; this has {text.Length} characters.");
        return null;
    }

    // What is there is only overwritten when asked to: it may be anything.
    private static bool IsGood(
        string file, VerthashDataFileSpecification expected, bool replace, ProgressDisplay progress, CancellationToken cancellation)
    {
        try
        {
            return progress.Show("Checking", report =>
            {
                VerthashDataFile.Verify(file, expected, report, cancellation);
                return true;
            });
        }
        catch (VerthashDataFileException bad) when (replace && bad.Reason is VerthashDataFileFailure.WrongLength or VerthashDataFileFailure.WrongChecksum)
        {
            return false;
        }
    }

    /// <summary>Does the work and turns its failures into exit codes.</summary>
    // The work is plain computing and file access; it leaves the caller's thread so that Ctrl-C can be heard meanwhile.
    internal static async Task<int> Run(TextWriter error, Action work)
    {
        try
        {
            await Task.Run(work);
            return ExitCode.Done;
        }
        catch (VerthashDataFileException failed)
        {
            await error.WriteLineAsync(failed.Message);
            return ExitCode.Failed;
        }
        catch (Exception failed) when (failed is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException
            or PlatformNotSupportedException or InvalidOperationException)
        {
            await error.WriteLineAsync(failed.Message);
            return ExitCode.Failed;
        }
        catch (OutOfMemoryException)
        {
            await error.WriteLineAsync("The system gives no memory for a table of this index.");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Interrupted; nothing was changed.");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>What the file of an index must be.</summary>
    // Shows something only where the table has to be made to know its digest.
    internal static VerthashDataFileSpecification Expected(int index, ProgressDisplay progress, CancellationToken cancellation) =>
        progress.Show("Generating", report => VerthashDataFileSpecification.ForIndex(index, report, cancellation));

    private static string Describe(VerthashDataFileSpecification file) =>
        $"index {file.Index}, {file.Length:N0} bytes, SHA-256 {Hex(file.Sha256.AsSpan())}";

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
