using System.Reflection;
using Prometheus;

namespace Grainpool.Grains.Tests;

/// <summary>The list for operators names every instrument, with its help, as it is.</summary>
public sealed class InstrumentsTests
{
    private static readonly string List = File.ReadAllText(Path.Combine(
        typeof(InstrumentsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "VectorsDirectory").Value!,
        "../../docs/metrics.md"));

    public static TheoryData<string> Names =>
        [.. typeof(Instruments).GetFields(BindingFlags.Static | BindingFlags.Public).Where(instrument => instrument.FieldType.IsAssignableTo(typeof(Collector))).Select(instrument => instrument.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Instrument_IsListed(string field)
    {
        var collector = (Collector)typeof(Instruments).GetField(field, BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
        var labels = collector.LabelNames.Length == 0 ? "–" : string.Join(", ", collector.LabelNames);
        var kind = collector.GetType().Name.ToLowerInvariant();
        Assert.Contains($"| `{collector.Name}` | {kind} | {labels} | {collector.Help} |", List, StringComparison.Ordinal);
    }
}
