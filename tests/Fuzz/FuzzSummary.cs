namespace Grainpool.Fuzz;

/// <summary>Says what became of the inputs of a run.</summary>
/// <remarks>
/// The runner shows what failed tests say, and nothing of the others. Where FUZZ_SUMMARIES names a folder, each line stands there too, in a file of
/// its own since several processes run at one time: a run in which nothing was fuzzed then shows.
/// </remarks>
internal static class FuzzSummary
{
    public static void Say(ITestOutputHelper output, string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("FUZZ_SUMMARIES") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, $"{Guid.NewGuid():N}.txt"), line + "\n");
    }
}
