namespace Grainpool.Verthash.Tool;

/// <summary>What the process says to the shell that started it.</summary>
internal static class ExitCode
{
    /// <summary>Done as asked.</summary>
    public const int Done = 0;

    /// <summary>Not done; the reason is on the error output.</summary>
    public const int Failed = 1;

    /// <summary>Interrupted from outside, as shells report it.</summary>
    public const int Interrupted = 130;
}
