using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Peers;

/// <summary>A message between nodes, in meaning. Pure: what follows from it is decided elsewhere.</summary>
public abstract record PeerMessage
{
    /// <summary>Its command.</summary>
    public abstract PeerCommand Command { get; }

    /// <summary>The message with exactly this payload. Lists are bounded by the bytes that are there before anything is allocated.</summary>
    /// <remarks>
    /// Of a list whose entries take many times their bytes in memory no more is kept than anybody looks at; what is beyond must have the right form, and is
    /// passed over. So a message takes little more memory than its payload, however small its entries are.
    /// </remarks>
    /// <exception cref="WireFormatException">Broken, cut or left-over bytes: the connection must end, without a ban.</exception>
    public static PeerMessage Parse(PeerCommand command, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        PeerMessage message = command switch
        {
            PeerCommand.Version => VersionMessage.Read(ref reader),
            PeerCommand.Ping => new PingMessage(),
            PeerCommand.AddrMe => new AddrMeMessage(reader.UInt16()),
            PeerCommand.Addrs => AddrsMessage.Read(ref reader),
            PeerCommand.GetAddrs => new GetAddrsMessage(reader.UInt32()),
            PeerCommand.Shares => new SharesMessage(SharesMessage.ReadShares(ref reader)),
            PeerCommand.ShareReq => ShareReqMessage.Read(ref reader),
            PeerCommand.ShareReply => ShareReplyMessage.Read(ref reader),
            PeerCommand.BestBlock => BestBlockMessage.Read(ref reader),
            PeerCommand.HaveTx => new HaveTxMessage(ReadHashes(ref reader)),
            PeerCommand.LosingTx => new LosingTxMessage(ReadHashes(ref reader)),
            PeerCommand.RememberTx => RememberTxMessage.Read(ref reader),
            PeerCommand.ForgetTx => new ForgetTxMessage(ReadHashes(ref reader)),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
        };
        reader.End();
        return message;
    }

    /// <summary>The payload.</summary>
    public byte[] ToPayload()
    {
        var writer = new ByteWriter();
        Write(writer);
        return writer.ToArray();
    }

    private protected abstract void Write(ByteWriter writer);

    private protected static ImmutableArray<Hash256> ReadHashes(ref ByteReader reader) => ImmutableCollectionsMarshal.AsImmutableArray(reader.Hashes());
}

/// <summary>Opens a connection, from both sides.</summary>
/// <param name="Version">Protocol version.</param>
/// <param name="Services">0.</param>
/// <param name="To">The receiver as the sender sees it; not judged.</param>
/// <param name="From">The sender's own socket; not judged.</param>
/// <param name="Nonce">The same on all connections of a process, so that it knows itself.</param>
/// <param name="SubVersion">Which software; bytes as characters.</param>
/// <param name="Mode">1; not judged.</param>
/// <param name="BestShare">The sender's best share; zero for none.</param>
public sealed record VersionMessage(
    uint Version, ulong Services, PeerAddress To, PeerAddress From, ulong Nonce, string SubVersion, uint Mode, Hash256 BestShare) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.Version;

    internal static VersionMessage Read(ref ByteReader reader) => new(
        reader.UInt32(),
        reader.UInt64(),
        PeerAddress.Read(ref reader),
        PeerAddress.Read(ref reader),
        reader.UInt64(),
        Encoding.Latin1.GetString(reader.VarString()),
        reader.UInt32(),
        reader.Hash());

    private protected override void Write(ByteWriter writer)
    {
        writer.UInt32(Version).UInt64(Services);
        To.Write(writer);
        From.Write(writer);
        writer.UInt64(Nonce).VarString(Encoding.Latin1.GetBytes(SubVersion)).UInt32(Mode).Hash(BestShare);
    }
}

/// <summary>I am alive.</summary>
public sealed record PingMessage : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.Ping;

    private protected override void Write(ByteWriter writer)
    {
    }
}

/// <summary>The sender can be reached at the address it is seen with, on this port.</summary>
/// <param name="Port">TCP port; here little-endian.</param>
public sealed record AddrMeMessage(ushort Port) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.AddrMe;

    private protected override void Write(ByteWriter writer) => writer.UInt16(Port);
}

/// <summary>A node somebody knows of.</summary>
/// <param name="Timestamp">When it was last seen, Unix seconds as its teller says.</param>
/// <param name="Address">Where it is.</param>
public sealed record HeardAddress(ulong Timestamp, PeerAddress Address);

/// <summary>Nodes that can be reached.</summary>
/// <param name="Addresses">As many as its sender likes; of those received the first <see cref="MostKept"/>.</param>
public sealed record AddrsMessage(ImmutableArray<HeardAddress> Addresses) : PeerMessage
{
    /// <summary>Addresses kept of a message that came: ten times what an answer has.</summary>
    public const int MostKept = 1000;

    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.Addrs;

    internal static AddrsMessage Read(ref ByteReader reader)
    {
        var count = reader.Count(sizeof(ulong) + PeerAddress.Size);
        var addresses = new HeardAddress[Math.Min(count, MostKept)];
        for (var i = 0; i < addresses.Length; i++) addresses[i] = new HeardAddress(reader.UInt64(), PeerAddress.Read(ref reader));
        reader.Bytes((count - addresses.Length) * (sizeof(ulong) + PeerAddress.Size));
        return new AddrsMessage(ImmutableCollectionsMarshal.AsImmutableArray(addresses));
    }

    private protected override void Write(ByteWriter writer)
    {
        writer.VarInt((ulong)Addresses.Length);
        foreach (var heard in Addresses)
        {
            writer.UInt64(heard.Timestamp);
            heard.Address.Write(writer);
        }
    }
}

/// <summary>Asks for nodes.</summary>
/// <param name="Count">How many; at most 100 are told.</param>
public sealed record GetAddrsMessage(uint Count) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.GetAddrs;

    private protected override void Write(ByteWriter writer) => writer.UInt32(Count);
}

/// <summary>New shares, newest first.</summary>
/// <param name="Shares">As wrapped; may be empty. Of those received the first <see cref="MostKept"/>.</param>
public sealed record SharesMessage(ImmutableArray<WrappedShare> Shares) : PeerMessage
{
    /// <summary>Shares kept of a message that came: no answer has more, which is a thousand named ones with a parent each.</summary>
    public const int MostKept = 2000;

    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.Shares;

    internal static ImmutableArray<WrappedShare> ReadShares(ref ByteReader reader)
    {
        var count = reader.Count(WrappedShare.SmallestSize);
        var shares = new WrappedShare[Math.Min(count, MostKept)];
        for (var i = 0; i < shares.Length; i++) shares[i] = WrappedShare.Read(ref reader);
        for (var i = shares.Length; i < count; i++) WrappedShare.Skip(ref reader);
        return ImmutableCollectionsMarshal.AsImmutableArray(shares);
    }

    internal static void WriteShares(ByteWriter writer, ImmutableArray<WrappedShare> shares)
    {
        writer.VarInt((ulong)shares.Length);
        foreach (var share in shares) share.Write(writer);
    }

    private protected override void Write(ByteWriter writer) => WriteShares(writer, Shares);
}

/// <summary>Asks for shares and their ancestors.</summary>
/// <param name="Id">Random; the answer carries it.</param>
/// <param name="Hashes">Shares wanted. None at all is an offence.</param>
/// <param name="Parents">Ancestors wanted of each.</param>
/// <param name="Stops">Shares before which an answer ends.</param>
public sealed record ShareReqMessage(Hash256 Id, ImmutableArray<Hash256> Hashes, ulong Parents, ImmutableArray<Hash256> Stops) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.ShareReq;

    internal static ShareReqMessage Read(ref ByteReader reader) => new(reader.Hash(), ReadHashes(ref reader), reader.VarInt(), ReadHashes(ref reader));

    private protected override void Write(ByteWriter writer) => writer.Hash(Id).Hashes(Hashes.AsSpan()).VarInt(Parents).Hashes(Stops.AsSpan());
}

/// <summary>How a request for shares went.</summary>
public enum ShareReplyResult
{
    /// <summary>The shares are there.</summary>
    Good,

    /// <summary>They would not fit one message.</summary>
    TooLong,

    /// <summary>Reserved.</summary>
    Unknown2,

    /// <summary>Reserved.</summary>
    Unknown3,

    /// <summary>Reserved.</summary>
    Unknown4,

    /// <summary>Reserved.</summary>
    Unknown5,

    /// <summary>Reserved.</summary>
    Unknown6,
}

/// <summary>Answers a request for shares.</summary>
/// <param name="Id">That of the request.</param>
/// <param name="Result">How it went.</param>
/// <param name="Shares">Newest first.</param>
public sealed record ShareReplyMessage(Hash256 Id, ShareReplyResult Result, ImmutableArray<WrappedShare> Shares) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.ShareReply;

    internal static ShareReplyMessage Read(ref ByteReader reader)
    {
        var id = reader.Hash();
        var result = reader.VarInt();
        if (result > (ulong)ShareReplyResult.Unknown6) throw new WireFormatException($"result {result} of a share reply");
        return new ShareReplyMessage(id, (ShareReplyResult)result, SharesMessage.ReadShares(ref reader));
    }

    private protected override void Write(ByteWriter writer)
    {
        writer.Hash(Id).VarInt((ulong)Result);
        SharesMessage.WriteShares(writer, Shares);
    }
}
