using System.Diagnostics;
using System.Globalization;
using Grainpool.LoadGenerator;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>The load generator as a process of its own, so that its work is not mixed up with the gateway's.</summary>
internal static class GeneratorProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="port">Where the gateway listens.</param>
    /// <param name="arguments">What else it is told.</param>
    /// <param name="authorized">Called when all connections are authorised.</param>
    public static async Task<LoadReport> RunAsync(int port, string arguments, Action authorized)
    {
        var report = Path.GetTempFileName();
        var program = typeof(LoadReport).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", string.Create(CultureInfo.InvariantCulture, $"\"{program}\" --pool 127.0.0.1:{port} --report \"{report}\" --pool-process {Environment.ProcessId} {arguments}"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        // Fewer changes of threads for each line read: it shares the processors with what is measured.
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        using var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            Console.WriteLine($"    {line}");
            if (line.Contains("connections authorised", StringComparison.Ordinal)) authorized();
        }
        await process.WaitForExitAsync();
        try
        {
            return await LoadReport.ReadAsync(report);
        }
        finally
        {
            File.Delete(report);
        }
    }
}
