namespace Grainpool.Hosting;

/// <summary>A process cannot start for a reason its user can mend; the message is the one line to show him.</summary>
public sealed class StartupException : Exception
{
    /// <summary>A refusal to start.</summary>
    /// <param name="message">One line: what is wrong, where, and how to mend it.</param>
    public StartupException(string message) : base(message)
    {
    }

    /// <summary>A refusal to start, with what led to it.</summary>
    /// <param name="message">One line: what is wrong, where, and how to mend it.</param>
    /// <param name="innerException">What led to it.</param>
    public StartupException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>A refusal to start without an explanation; prefer one.</summary>
    public StartupException() : base("The process cannot start.")
    {
    }
}
