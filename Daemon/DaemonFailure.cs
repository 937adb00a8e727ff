namespace Grainpool.Daemon;

/// <summary>Why a daemon gave no answer that can be used.</summary>
public enum DaemonFailureKind
{
    /// <summary>No connection, or no answer in time.</summary>
    Unreachable,

    /// <summary>It does not accept our name and password or cookie, or our address.</summary>
    Unauthorised,

    /// <summary>It is starting (RPC error −28).</summary>
    WarmingUp,

    /// <summary>All its RPC threads and its queue are full (HTTP 503).</summary>
    BusyQueue,

    /// <summary>It refused the call with an error of its own.</summary>
    RpcError,

    /// <summary>What came is not what a coin daemon answers.</summary>
    BadAnswer,
}

/// <summary>A call that failed: what, where, and how to mend it.</summary>
/// <param name="Kind">Which of the closed set.</param>
/// <param name="Daemon">The daemon's url, without secrets.</param>
/// <param name="Method">RPC method called.</param>
/// <param name="Detail">What was seen, for people; never a secret.</param>
/// <param name="Code">RPC error code for <see cref="DaemonFailureKind.RpcError"/> and <see cref="DaemonFailureKind.WarmingUp"/>, else null.</param>
public sealed record DaemonFailure(DaemonFailureKind Kind, string Daemon, string Method, string Detail, int? Code = null)
{
    /// <summary>The method does not exist in that daemon.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>The daemon could not read a block.</summary>
    public const int DeserializationError = -22;

    /// <summary>The whole story in one or two sentences.</summary>
    public string Sentence => Kind switch
    {
        DaemonFailureKind.Unreachable =>
            $"The coin daemon at {Daemon} does not answer ({Method}: {Detail}). Start vertcoind there with server=1, or correct its url in the configuration.",
        DaemonFailureKind.Unauthorised =>
            $"The coin daemon at {Daemon} refuses us ({Method}: {Detail}). Make user and password the rpcuser and rpcpassword of its vertcoin.conf, "
            + "or name its cookie file; from another machine also set rpcallowip there.",
        DaemonFailureKind.WarmingUp => $"The coin daemon at {Daemon} is starting ({Detail}). Wait; it is asked again.",
        DaemonFailureKind.BusyQueue =>
            $"The coin daemon at {Daemon} has too many calls waiting ({Method}: {Detail}). Raise rpcthreads and rpcworkqueue in its vertcoin.conf.",
        DaemonFailureKind.RpcError => $"The coin daemon at {Daemon} refuses {Method}: {Detail} (error {Code}).",
        _ => $"What answers at {Daemon} is no usable coin daemon ({Method}: {Detail}). Check the url and port; vertcoind 23 or later is expected.",
    };

    /// <summary>Whether the same call may well succeed a little later without anybody doing anything.</summary>
    public bool IsPassing => Kind is DaemonFailureKind.Unreachable or DaemonFailureKind.WarmingUp or DaemonFailureKind.BusyQueue;

    /// <inheritdoc/>
    public override string ToString() => Sentence;
}
