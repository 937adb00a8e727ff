using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Peers;

/// <summary>What a node did wrong. A closed list: each has its consequence in <see cref="PeerFaults"/>.</summary>
public enum PeerFault
{
    /// <summary>A frame's payload is not what its checksum says.</summary>
    WrongChecksum,

    /// <summary>A message before its version.</summary>
    NotIntroduced,

    /// <summary>A second version.</summary>
    IntroducedTwice,

    /// <summary>An older protocol than the network speaks.</summary>
    TooOld,

    /// <summary>It came to us with our own nonce: we went to ourselves, or somebody repeats what we said.</summary>
    Ourselves,

    /// <summary>A node that is connected already.</summary>
    AlreadyConnected,

    /// <summary>No version within the time for it.</summary>
    NoIntroduction,

    /// <summary>Silent for too long.</summary>
    Silent,

    /// <summary>It does not read what it is sent.</summary>
    DoesNotRead,

    /// <summary>It began a message and does not finish it, or one far too large for what is known of it.</summary>
    UnfinishedMessage,

    /// <summary>Bytes that make no message.</summary>
    Malformed,

    /// <summary>A request for shares that names none.</summary>
    EmptyRequest,

    /// <summary>A share that is none, or of an unknown type.</summary>
    MalformedShare,

    /// <summary>A share with a target easier than the network allows.</summary>
    ShareTarget,

    /// <summary>A share whose proof of work does not meet its target.</summary>
    ShareWork,

    /// <summary>A share that breaks a rule of the chain.</summary>
    ShareRefused,

    /// <summary>A request for shares not answered in time.</summary>
    Unanswered,

    /// <summary>Shares in an answer that nobody asked for.</summary>
    WrongAnswer,

    /// <summary>A block header whose proof of work does not meet its own target.</summary>
    BlockWork,

    /// <summary>Transactions remembered twice, forgotten without having been remembered, named and not known, or more in number than a block can hold.</summary>
    TransactionBook,

    /// <summary>More transactions to remember than anybody has to.</summary>
    TooManyTransactions,

    /// <summary>A gateway of our own cluster, or the very one that went there: not an offence, and never gone to again.</summary>
    OurCluster,
}

/// <summary>What follows from a fault: the connection ends, and some are banned. Spec: refusals.</summary>
public static class PeerFaults
{
    /// <summary>Base of a ban for breaking the protocol.</summary>
    public static readonly TimeSpan BanBase = TimeSpan.FromSeconds(3600);

    /// <summary>No ban is longer, however often its host was banned.</summary>
    public static readonly TimeSpan LongestBan = TimeSpan.FromDays(7);

    /// <summary>The base of the ban; null when the connection merely ends.</summary>
    /// <remarks>
    /// As the legacy nodes do it. Who comes with our own nonce is banned as there, unless the address is one of this machine; where we
    /// went to ourselves nobody is banned, since that address is our own.
    /// </remarks>
    public static TimeSpan? Ban(this PeerFault fault, NetworkParameters network) => fault switch
    {
        PeerFault.WrongChecksum or PeerFault.NotIntroduced or PeerFault.IntroducedTwice or PeerFault.TooOld or PeerFault.Ourselves => BanBase,
        PeerFault.ShareTarget or PeerFault.ShareWork or PeerFault.ShareRefused => BanBase,
        PeerFault.BlockWork or PeerFault.TooManyTransactions => BanBase,
        PeerFault.Unanswered or PeerFault.WrongAnswer => network.RequestBan,
        _ => null,
    };

    /// <summary>How long a ban lasts: base times the square of the host's bans, this one included, where the network has it so.</summary>
    public static TimeSpan Duration(TimeSpan @base, int bans, NetworkParameters network) =>
        network.BansGrow ? @base * Math.Min((double)bans * bans, LongestBan / @base) : @base;
}
