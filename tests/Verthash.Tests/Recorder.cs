namespace Grainpool.Verthash.Tests;

/// <summary>Keeps what it is told, on the thread that tells it, and may act on it.</summary>
internal sealed class Recorder<T>(Action<T>? act = null) : IProgress<T>
{
    public List<T> Told { get; } = [];

    public void Report(T value)
    {
        Told.Add(value);
        act?.Invoke(value);
    }
}
