using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Grainpool.LoadGenerator;

/// <summary>Times between submit and reply, milliseconds, and in which second of the run the longest ended.</summary>
internal sealed record ReplyTimes(double Median, double P99, double P999, double Largest, double LargestAtSecond);

/// <summary>How one change of the block to build on spread over the connections.</summary>
/// <param name="PreviousBlock">The block, as people write it.</param>
/// <param name="FirstTimestamp">When the first connection read it: <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="LastTimestamp">When the last one did.</param>
/// <param name="Readers">How many did.</param>
internal sealed record RoundReport(string PreviousBlock, long FirstTimestamp, long LastTimestamp, int Readers)
{
    /// <summary>Milliseconds from the first reader to the last.</summary>
    public double Spread => Stopwatch.GetElapsedTime(FirstTimestamp, LastTimestamp).TotalMilliseconds;
}

/// <summary>All figures of a run.</summary>
internal sealed record LoadReport
{
    public required int Connections { get; init; }

    public required double Seconds { get; init; }

    public required long Jobs { get; init; }

    public required long CleanJobs { get; init; }

    public required long BytesRead { get; init; }

    public required long Submitted { get; init; }

    public required long Accepted { get; init; }

    public required long Stale { get; init; }

    public required long Low { get; init; }

    public required long Refused { get; init; }

    public required long FellOut { get; init; }

    public required double LongestPauseSeconds { get; init; }

    public required ReplyTimes Replies { get; init; }

    public required ImmutableArray<RoundReport> Rounds { get; init; }

    public required ImmutableArray<ErrorKind> Errors { get; init; }

    /// <summary>Processor seconds of this program, all of them and those for finding solutions.</summary>
    public required double OwnProcessorSeconds { get; init; }

    public required double SolvingSeconds { get; init; }

    public required long OwnMemoryBytes { get; init; }

    /// <summary>Processor seconds of the pool's process, and its memory; null when it was not named.</summary>
    public required double? PoolProcessorSeconds { get; init; }

    public required long? PoolMemoryBytes { get; init; }

    /// <summary>Load average of the machine over the last minute, at the end; null where the system tells none.</summary>
    public required double? LoadAverage { get; init; }

    /// <summary>Whether nothing went wrong.</summary>
    public bool IsClean => Errors.IsEmpty;

    public double SubmitsPerSecond => Submitted / Seconds;

    /// <summary>Prints it for people.</summary>
    public void Print(TextWriter output)
    {
        Line("connections", $"{Connections}");
        Line("time", $"{Seconds:0} s, load average of the machine at the end {LoadAverage:0.0}");
        Line("jobs read", $"{Jobs}, {CleanJobs} of them clean; {BytesRead / 1e6:0} MB in all");
        Line("submitted", $"{Submitted}, {SubmitsPerSecond:0.0} a second: {Accepted} accepted, {Stale} stale, {Low} low, {Refused} refused; {FellOut} fell out");
        if (Submitted > 0) Line("longest pause", $"{LongestPauseSeconds:0.0} s without a submission of one connection");
        Line("submit to reply", $"p50 {Replies.Median:0.00} ms, p99 {Replies.P99:0.00} ms, p99.9 {Replies.P999:0.00} ms, longest {Replies.Largest:0.00} ms in second {Replies.LargestAtSecond:0}");
        // Not while connections were still being made.
        var spreads = Rounds.Where(round => round.Readers >= Connections * 0.95).Select(round => round.Spread).Order().ToArray();
        if (spreads.Length > 0)
            Line("new work", $"{spreads.Length} rounds that all connections read; first reader to last p50 {At(spreads, 0.5):0.0} ms, p99 {At(spreads, 0.99):0.0} ms, longest {spreads[^1]:0.0} ms");
        Line("this program", $"{OwnProcessorSeconds:0.0} s of processor, {SolvingSeconds:0.0} s of them solving; {Each(OwnProcessorSeconds)}; {OwnMemoryBytes / 1e6:0} MB");
        if (PoolProcessorSeconds is { } pool) Line("the pool", $"{pool:0.0} s of processor; {Each(pool)}; {PoolMemoryBytes / 1e6:0} MB");
        if (IsClean) Line("errors", $"none");
        foreach (var error in Errors) Line("ERROR", $"{error.Count} × {error.Kind}: {error.Example}");

        void Line(string name, FormattableString text) => output.WriteLine($"{name,-16} {text.ToString(CultureInfo.InvariantCulture)}");

        string Each(double seconds) => Submitted > 0 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / Submitted * 1e6:0} µs a submission, all else included") : "nothing submitted";
    }

    /// <summary>Writes it as JSON.</summary>
    public async Task SaveAsync(string path)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, this, Json);
    }

    /// <summary>Reads what <see cref="SaveAsync"/> wrote.</summary>
    public static async Task<LoadReport> ReadAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return await JsonSerializer.DeserializeAsync<LoadReport>(file, Json) ?? throw new InvalidDataException($"{path} is empty");
    }

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private static double At(double[] sorted, double part) => sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * part) - 1, 0, sorted.Length - 1)];
}
