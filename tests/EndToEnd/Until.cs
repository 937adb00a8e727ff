namespace Grainpool.EndToEnd;

/// <summary>Waits for what real processes do in their own time; the bound is generous, and only its passing fails a test.</summary>
internal static class Until
{
    /// <summary>Asks again and again until there is an answer.</summary>
    /// <exception cref="TimeoutException">There was none within <paramref name="patience"/>; <paramref name="what"/> says of what.</exception>
    public static async Task<T> Found<T>(string what, TimeSpan patience, Func<CancellationToken, Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(patience);
        try
        {
            while (true)
            {
                if (await ask(bound.Token) is { } found) return found;
                await Task.Delay(100, bound.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{what}: not within {patience.TotalSeconds} s");
        }
    }

    /// <summary>Asks again and again until it is so.</summary>
    /// <exception cref="TimeoutException">It never was within <paramref name="patience"/>.</exception>
    public static Task True(string what, TimeSpan patience, Func<CancellationToken, Task<bool>> ask, CancellationToken cancellation) =>
        Found(what, patience, async token => await ask(token) ? "yes" : null, cancellation);
}
