using System.Diagnostics;
using System.Globalization;

namespace Grainpool.Verthash.Tool.Benching;

/// <summary>Measures the making of a table in memory: each path, with one processor and with all, in turn.</summary>
internal static class GeneratorBench
{
    /// <summary>Measures and writes the table of results: medians of elapsed and of processor time.</summary>
    public static void Run(TextWriter output, int index, IReadOnlyList<VerthashPath> paths, int rounds, ProgressDisplay progress, CancellationToken ct)
    {
        // One buffer for all, touched before: the system's handing out of memory is not what is measured.
        using var memory = DataFileMemory.Allocate(VerthashDataFileSpecification.LengthOf(index));
        VerthashGraph.Write(index, memory, progress: null, ct);

        var processors = Environment.ProcessorCount > 1 ? new[] { 1, Environment.ProcessorCount } : [1];
        var ways = (from path in paths from count in processors select (path, count)).ToArray();
        var elapsed = ways.Select(_ => new double[rounds]).ToArray();
        var processor = ways.Select(_ => new double[rounds]).ToArray();
        progress.Show("Measuring", report =>
        {
            for (var round = 0; round < rounds; round++)
            {
                for (var way = 0; way < ways.Length; way++)
                {
                    var began = Stopwatch.GetTimestamp();
                    var used = Environment.CpuUsage.TotalTime;
                    VerthashGraph.Write(index, memory, ways[way].path, ways[way].count, progress: null, ct);
                    elapsed[way][round] = Stopwatch.GetElapsedTime(began).TotalSeconds;
                    processor[way][round] = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
                    report.Report((double)((round * ways.Length) + way + 1) / (rounds * ways.Length));
                }
            }
            return true;
        });

        output.WriteLine($"index {index}, {memory.Length:N0} bytes in memory; median of {rounds} rounds");
        output.WriteLine($"{"what",-12} {"processors",10} {"seconds",9} {"processor seconds",18} {"ns/node",8}");
        for (var way = 0; way < ways.Length; way++)
        {
            var (time, used) = (Contest.Median(elapsed[way]), Contest.Median(processor[way]));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{ways[way].path,-12} {ways[way].count,10} {time,9:F2} {used,18:F2} {used * 1e9 / VerthashDataFileSpecification.NodesOf(index),8:F0}"));
        }
    }
}
