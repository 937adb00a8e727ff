using System.Text;

namespace Grainpool.P2Pool.Peers;

/// <summary>The commands nodes send each other. There are no others; an unknown one is ignored.</summary>
public enum PeerCommand
{
    /// <summary>Who I am; the first message of both sides.</summary>
    Version,

    /// <summary>I am alive. Nothing answers it.</summary>
    Ping,

    /// <summary>I can be reached on this port.</summary>
    AddrMe,

    /// <summary>Nodes that can be reached.</summary>
    Addrs,

    /// <summary>Tell me of nodes.</summary>
    GetAddrs,

    /// <summary>New shares.</summary>
    Shares,

    /// <summary>Send me shares and their ancestors.</summary>
    ShareReq,

    /// <summary>The answer to that.</summary>
    ShareReply,

    /// <summary>Header of the best block known.</summary>
    BestBlock,

    /// <summary>Transactions I know.</summary>
    HaveTx,

    /// <summary>Transactions I am about to forget.</summary>
    LosingTx,

    /// <summary>Transactions to remember for the shares to come.</summary>
    RememberTx,

    /// <summary>Transactions that need no longer be remembered.</summary>
    ForgetTx,
}

/// <summary>The names of the commands on the wire.</summary>
public static class PeerCommands
{
    /// <summary>Bytes a name takes, padded with zero bytes.</summary>
    public const int NameSize = 12;

    private static readonly string[] Names =
    [
        "version", "ping", "addrme", "addrs", "getaddrs", "shares", "sharereq", "sharereply",
        "bestblock", "have_tx", "losing_tx", "remember_tx", "forget_tx",
    ];

    /// <summary>The name on the wire.</summary>
    public static string Name(this PeerCommand command) => Names[(int)command];

    /// <summary>The command of a padded name; null when there is none of it.</summary>
    public static PeerCommand? Find(ReadOnlySpan<byte> padded)
    {
        var index = Array.IndexOf(Names, Encoding.Latin1.GetString(padded.TrimEnd((byte)0)));
        return index < 0 ? null : (PeerCommand)index;
    }
}
