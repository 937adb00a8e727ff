namespace Grainpool.Devnet.Rpc;

/// <summary>Ways in which a running daemon may fail its callers, to be switched on in tests and demonstrations.</summary>
public enum DaemonFault
{
    /// <summary>It answers as it should.</summary>
    None,

    /// <summary>It takes calls and never answers.</summary>
    Hanging,

    /// <summary>It says that it is starting.</summary>
    WarmingUp,

    /// <summary>Its queue of calls is full.</summary>
    WorkQueueFull,

    /// <summary>It answers what makes no sense.</summary>
    Nonsense,
}
