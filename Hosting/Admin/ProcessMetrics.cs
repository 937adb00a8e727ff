using System.Diagnostics.Metrics;
using Prometheus;

namespace Grainpool.Hosting.Admin;

/// <summary>Collects the meters of Orleans, the runtime and the web server for <c>/metrics</c>, beside the pool's own counters.</summary>
public static class ProcessMetrics
{
    /// <summary>Meters that operators look at; there are some thirty more in a process, about connections of no interest here.</summary>
    private static readonly string[] Meters = ["Microsoft.Orleans", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>The longest that can be said: an idle counter must not vanish and begin at 0 again.</summary>
    private static readonly TimeSpan KeptWhenIdle = TimeSpan.FromDays(1);

    private static readonly double[] Milliseconds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
    private static readonly double[] Seconds = [.. Milliseconds.Select(value => value / 1000)];
    private static readonly double[] Bytes = [.. Enumerable.Range(3, 11).Select(power => Math.Pow(4, power))];
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

    private static readonly Lazy<IDisposable> Listening = new(Listen, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Begins to collect. To be called before anything else: what was counted before is lost. More than once does no harm.</summary>
    public static void Start() => _ = Listening.Value;

    /// <summary>Whether an instrument is shown.</summary>
    internal static bool IsShown(Instrument instrument) => Meters.Contains(instrument.Meter.Name);

    /// <summary>Upper bounds of a histogram's buckets, in the instrument's own unit.</summary>
    internal static double[] BucketsOf(Instrument instrument) => instrument.Unit switch
    {
        "s" => Seconds,
        "ms" => Milliseconds,
        "By" or "bytes" or "b" => Bytes,
        _ when instrument.Name.Contains("latency", StringComparison.Ordinal) || instrument.Name.Contains("duration", StringComparison.Ordinal) => Milliseconds,
        _ when instrument.Name.Contains("size", StringComparison.Ordinal) => Bytes,
        _ => Counts,
    };

    private static IDisposable Listen()
    {
        // Otherwise the adapter starts by itself at the first scrape, with its own defaults; event counters repeat what meters tell.
        Metrics.SuppressDefaultMetrics(new SuppressDefaultMetricOptions { SuppressMeters = true, SuppressEventCounters = true });
        return MeterAdapter.StartListening(new MeterAdapterOptions
        {
            InstrumentFilterPredicate = IsShown,
            MetricsExpireAfter = KeptWhenIdle,
            ResolveHistogramBuckets = BucketsOf,
        });
    }
}
