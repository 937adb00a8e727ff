namespace Grainpool.Gateway.Work;

/// <summary>The time written into shares: ours, unless it is far off the silos'. A wrong clock must not make shares that peers refuse.</summary>
internal sealed partial class PoolClock(TimeProvider time, ILogger<PoolClock> log)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);
    private readonly ILogger _log = log;
    private long _offsetTicks;

    /// <summary>Takes note of the silo's clock.</summary>
    public void Learn(DateTimeOffset siloTime)
    {
        var offset = siloTime - time.GetUtcNow();
        Instruments.ClockOffset.Set(offset.TotalSeconds);
        var applied = offset.Duration() > Tolerance ? offset : TimeSpan.Zero;
        var before = Interlocked.Exchange(ref _offsetTicks, applied.Ticks);
        if (before == 0 && applied != TimeSpan.Zero) LogWrong(offset);
        if (before != 0 && applied == TimeSpan.Zero) LogRight();
    }

    /// <summary>Unix seconds, rounded to the nearest.</summary>
    public uint UnixSeconds() =>
        (uint)((time.GetUtcNow() + new TimeSpan(Interlocked.Read(ref _offsetTicks))).ToUnixTimeMilliseconds() / 1000.0 + 0.5);

    [LoggerMessage(Level = LogLevel.Error, Message = "The clock of this machine differs from the silo's by {Offset}: shares are made with the silo's time. Set the clock (NTP).")]
    private partial void LogWrong(TimeSpan offset);

    [LoggerMessage(Level = LogLevel.Information, Message = "The clock of this machine agrees with the silo's again")]
    private partial void LogRight();
}
