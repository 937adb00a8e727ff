namespace Grainpool.EndToEnd.Failures;

/// <summary>The launcher is asked to end while its gateway hangs. It waits, ends the gateway by force, and stops the others in their order all the same.</summary>
public sealed class StopTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_WhileThePartThatIsStoppedFirstHangs_EndsAllTheSame_AndLeavesNoProcess()
    {
        await using var pool = new LocalPool("--storage", "file", "--miners", "0");
        await pool.Start(Cancellation);
        var processes = new[] { "devnet", "silo", "gateway" }.SelectMany(pool.ProcessesOf).ToArray();
        Assert.Equal(3, processes.Length);

        await pool.Freeze("gateway", Cancellation);
        Assert.Equal(0, await pool.Stop(Cancellation));

        Assert.Contains("local    | stopped; started again, it goes on from here", pool.Lines);
        // What was ended by force is gone once the system has taken it down.
        await Until.True("the end of every process", TimeSpan.FromSeconds(20), _ => Task.FromResult(!processes.Any(LocalPool.IsAlive)), Cancellation);
    }
}
