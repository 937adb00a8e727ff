using System.Globalization;

namespace Grainpool.Benchmarks.Peers;

/// <summary>The budgets of what goes on between nodes: whole nodes in this process, sockets between them, the public network's rules and lengths.</summary>
internal static class PeerRows
{
    private static readonly List<(string What, string Budget, string Measured)> Table = [];

    /// <summary>Measures the rows named, or all.</summary>
    public static async Task<int> RunAsync(string[] names)
    {
        if (names is [RestartRows.ChildName, var folder, var daemon, var table]) return await RestartRows.RunChildAsync(folder, daemon, table);
        var all = names.Length == 0;
        if (all || names.Contains("sync")) await SyncRows.MeasureAsync(Row);
        if (all || names.Contains("relay")) await RelayRows.MeasureAsync(Row);
        if (all || names.Contains("restart")) await RestartRows.MeasureAsync(Row);
        Console.WriteLine();
        Console.WriteLine("| what | budget | measured |");
        Console.WriteLine("|---|---|---|");
        foreach (var (what, budget, measured) in Table) Console.WriteLine($"| {what} | {budget} | {measured} |");
        return 0;
    }

    /// <summary>Median, 99th of a hundred, and the longest.</summary>
    public static string Spread(double[] milliseconds)
    {
        if (milliseconds.Length == 0) return "none";
        var sorted = milliseconds.Order().ToArray();
        return Text($"p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, longest {sorted[^1]:0.0} ms of {sorted.Length}");

        double At(double part) => sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * part) - 1, 0, sorted.Length - 1)];
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Row(string what, string budget, string measured)
    {
        var load = OperatingSystem.IsLinux() ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
        measured += $" (load average {load})";
        Table.Add((what, budget, measured));
        Console.WriteLine($"==> {what}: {measured}");
    }
}
