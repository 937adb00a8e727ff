namespace Grainpool.Grains.Tests.Doubles;

/// <summary>Asks a grain again and again for what it brings about on its own timers, which nothing announces.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task<T> True<T>(Func<Task<T>> ask, Func<T, bool> satisfied)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            var answer = await ask();
            if (satisfied(answer)) return answer;
            if (patience.IsCancellationRequested) Assert.Fail($"still {answer} after {Patience.TotalSeconds} s");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
