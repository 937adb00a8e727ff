using System.CommandLine;
using System.Runtime.InteropServices;

namespace Grainpool.Verthash.Tool.Benching;

/// <summary>The command <c>bench</c>.</summary>
internal static class BenchCommand
{
    /// <summary>Memory of ordinary pages, which only a comparison with other software wants.</summary>
    private const string Ordinary = "ordinary";

    private static readonly string[] Memories = [.. Enum.GetNames<VerthashMemoryMode>().Select(name => name.ToLowerInvariant()), Ordinary];

    /// <summary>The command, writing to the given streams.</summary>
    public static Command Create(ProgressDisplay progress, TextWriter output, TextWriter error)
    {
        var path = Commands.PathOption();
        var index = Commands.IndexOption();
        var memory = new Option<string[]>("--memory")
        {
            Description = $"How the file is kept in memory; several are measured in turn. {string.Join(", ", Memories)} (a copy on pages of 4 KB).",
            DefaultValueFactory = _ => [Memories[0]],
            AllowMultipleArgumentsPerToken = true,
        };
        memory.AcceptOnlyFromAmong(Memories);
        var instructions = new Option<VerthashPath[]>("--paths")
        {
            Description = "Which instructions. Default: all that this machine has.",
            DefaultValueFactory = _ => [.. VerthashPaths.Supported],
            AllowMultipleArgumentsPerToken = true,
        };
        var batches = new Option<int[]>("--batches")
        {
            Description = "Hashes together, besides one alone.", DefaultValueFactory = _ => [8, 32, 64], AllowMultipleArgumentsPerToken = true,
        };
        var threads = Positive("--threads", "Threads that do the same at once.", 1, 1024);
        var rounds = Positive("--rounds", "How often each is measured; the median counts.", 15, 10_000);
        var milliseconds = Positive("--milliseconds", "How long each is measured at a time.", 100, 60_000);
        var library = new Option<string?>("--library")
        {
            Description = "A shared library with somebody else's verthash_hash, to run beside ours in turn. The ratios are then to it.",
        };
        var generator = new Option<bool>("--generator") { Description = "Measure the making of the table instead (in memory; the file is not read)." };
        batches.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int[]>()?.Any(batch => batch is < 2 or > 4096) == true)
                result.AddError("--batches are 2 to 4096.");
        });

        var command = new Command("bench", "Measure hashes a second.")
        {
            path, index, memory, instructions, batches, threads, rounds, milliseconds, library, generator,
        };
        command.SetAction((arguments, cancellation) => Commands.Run(error, () =>
        {
            if (arguments.GetValue(generator))
            {
                GeneratorBench.Run(
                    output, arguments.GetValue(index), arguments.GetRequiredValue(instructions), arguments.GetValue(rounds), progress, cancellation);
                return;
            }
            var expected = Commands.Expected(arguments.GetValue(index), progress, cancellation);
            var file = arguments.GetRequiredValue(path);
            var paths = arguments.GetRequiredValue(instructions);
            // Before the tables: what is wrong with it is told at once.
            using var foreign = arguments.GetValue(library) is { } libraryPath ? new ForeignLibrary(libraryPath) : null;
            var tables = new List<(string Memory, VerthashDataFile Data)>();
            try
            {
                foreach (var name in arguments.GetRequiredValue(memory))
                    tables.Add(progress.Show("Loading", report => Load(file, expected, name, report, cancellation)));
                var bench = new Bench(tables, foreign);
                if (!bench.Agrees(paths))
                    throw new InvalidOperationException("The foreign library computes other hashes over this table.");

                output.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");
                foreach (var (name, data) in tables)
                    output.WriteLine($"{name}: {MemoryDescription.Of(data)}");
                output.WriteLine($"{arguments.GetValue(threads)} threads, {ThreadClock.Name}; ratio to the first line, round by round, median of {arguments.GetValue(rounds)} rounds");
                var contenders = bench.Contenders(paths, arguments.GetRequiredValue(batches));
                var contest = new Contest(arguments.GetValue(threads), TimeSpan.FromMilliseconds(arguments.GetValue(milliseconds)));
                Bench.Write(output, contenders, progress.Show("Measuring", report => contest.Run(contenders, arguments.GetValue(rounds), report, cancellation)));
            }
            finally
            {
                tables.ForEach(table => table.Data.Dispose());
            }
        }));
        return command;
    }

    private static (string, VerthashDataFile) Load(
        string file, VerthashDataFileSpecification expected, string memory, IProgress<double> progress, CancellationToken ct)
    {
        if (memory == Ordinary)
            return (Ordinary, VerthashDataFile.LoadOnOrdinaryPages(file, expected, progress, ct));
        var data = VerthashDataFile.Load(file, expected, Enum.Parse<VerthashMemoryMode>(memory, ignoreCase: true), progress, ct);
        return (data.Mode.ToString().ToLowerInvariant(), data);
    }

    private static Option<int> Positive(string name, string description, int usual, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < 1 || value > most))
                result.AddError($"{name} is {value}, but must be 1 to {most}.");
        });
        return option;
    }
}
