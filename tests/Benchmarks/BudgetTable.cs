namespace Grainpool.Benchmarks;

/// <summary>What was measured, beside what is asked for, and whether that is reached; with the load average of the machine at that moment, since on a busy one little is said by a miss.</summary>
internal sealed class BudgetTable
{
    private readonly List<string> _lines = ["| what | budget | measured | verdict | load average |", "|---|---|---|---|---|"];

    /// <summary>Whether every budget was met so far.</summary>
    public bool IsMet { get; private set; } = true;

    /// <summary>Adds what was measured, and shows it.</summary>
    /// <param name="what">What was measured.</param>
    /// <param name="budget">What is asked for, in words.</param>
    /// <param name="measured">The figures, in words.</param>
    /// <param name="isMet">Whether they are what is asked for.</param>
    public void Add(string what, string budget, string measured, bool isMet)
    {
        IsMet &= isMet;
        var (verdict, load) = (isMet ? "met" : "missed", LoadAverage());
        _lines.Add($"| {what} | {budget} | {measured} | {verdict} | {load} |");
        Console.WriteLine($"==> {what}: {measured}; budget {budget}: {verdict} at load average {load}");
    }

    /// <summary>Shows all of it.</summary>
    public void Print()
    {
        Console.WriteLine();
        foreach (var line in _lines) Console.WriteLine(line);
    }

    // Of the last minute.
    private static string LoadAverage() => OperatingSystem.IsLinux() ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
