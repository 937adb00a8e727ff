using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>A share: only what the wire holds.</summary>
/// <remarks>
/// <code>
/// min header    version varint · previous block · timestamp u32 · bits u32 · nonce u32
/// share info    previous share · coinbase script · … · absolute work u128      (the reference hash covers exactly these)
/// ref branch    list(u256), normally empty
/// last nonce    u64: the eight bytes of the coinbase that miners vary
/// hash link     SHA-256 state (32) · length varint
/// merkle link   list(u256), committed to by nothing
/// </code>
/// </remarks>
/// <param name="Version">Its version. The type number stands outside what the hash covers: the same contents may come as another version.</param>
/// <param name="Header">The block header without its merkle root.</param>
/// <param name="Info">What the coinbase commits to.</param>
/// <param name="ReferenceBranch">From the hash of the info to the reference hash; normally empty.</param>
/// <param name="LastTxOutNonce">The eight bytes at the end of the coinbase's last output.</param>
/// <param name="Coinbase">The front of the coinbase.</param>
/// <param name="FullHashBranch">Branch over the transactions' full hashes; unchecked unless the version names transactions.</param>
public sealed record Share(
    ShareVersionRules Version,
    ShareHeader Header,
    ShareInfo Info,
    ImmutableArray<Hash256> ReferenceBranch,
    ulong LastTxOutNonce,
    HashLink Coinbase,
    ImmutableArray<Hash256> FullHashBranch)
{
    private const int UsualSize = 600;

    /// <summary>The share with exactly these contents (what a wrapped share of this version holds).</summary>
    /// <remarks>
    /// The legacy codec of version 35 reads a 256-bit number from whatever bytes are left. In a share this shows in one place only: the very
    /// last hash may be cut, and reads as if zero bytes followed. Such a share is accepted there, so it is here.
    /// </remarks>
    /// <exception cref="WireFormatException">Broken, cut or left-over bytes.</exception>
    public static Share Parse(ShareVersionRules version, ReadOnlySpan<byte> contents)
    {
        var reader = new ByteReader(contents);
        var header = ShareHeader.Read(ref reader);
        var info = ShareInfo.Read(ref reader, version);
        ImmutableArray<Hash256> referenceBranch = [.. reader.Hashes()];
        var nonce = reader.UInt64();
        var coinbase = HashLink.Read(ref reader);
        var fullHashBranch = version.LastHashMayBeCut ? ReadCutBranch(ref reader) : [.. reader.Hashes()];
        reader.End();
        return new Share(version, header, info, referenceBranch, nonce, coinbase, fullHashBranch);
    }

    /// <summary>The share in exactly these bytes, type and length included.</summary>
    /// <exception cref="WireFormatException">Broken, cut or left-over bytes, or a type that no version has.</exception>
    public static Share ParseWrapped(ReadOnlySpan<byte> bytes)
    {
        var wrapped = WrappedShare.Parse(bytes);
        var version = ShareVersionRules.Find(wrapped.Type) ?? throw new WireFormatException($"share of unknown type {wrapped.Type}");
        return Parse(version, wrapped.Contents.Span);
    }

    /// <summary>The contents, without type and length.</summary>
    public byte[] ToContents()
    {
        var writer = new ByteWriter(UsualSize);
        Header.Write(writer);
        Info.Write(writer, Version);
        writer.Hashes(ReferenceBranch.AsSpan()).UInt64(LastTxOutNonce);
        Coinbase.Write(writer);
        writer.Hashes(FullHashBranch.AsSpan());
        return writer.ToArray();
    }

    /// <summary>The canonical bytes as they travel: type, length, contents.</summary>
    public byte[] ToBytes()
    {
        var writer = new ByteWriter(UsualSize);
        new WrappedShare((ulong)Version.Number, ToContents()).Write(writer);
        return writer.ToArray();
    }

    private static ImmutableArray<Hash256> ReadCutBranch(ref ByteReader reader)
    {
        var count = reader.VarInt();
        var whole = reader.Remaining / Hash256.Size;
        var cut = reader.Remaining % Hash256.Size;
        var held = (ulong)whole + (cut > 0 ? 1UL : 0UL);
        if (count != held) throw new WireFormatException($"merkle link of {count} hashes, {reader.Remaining} bytes left at offset {reader.Position}");

        var branch = ImmutableArray.CreateBuilder<Hash256>((int)count);
        for (var i = 0; i < whole; i++) branch.Add(reader.Hash());
        if (cut > 0)
        {
            Span<byte> padded = stackalloc byte[Hash256.Size];
            padded.Clear();
            reader.Bytes(cut).CopyTo(padded);
            branch.Add(Hash256.FromBytes(padded));
        }
        return branch.MoveToImmutable();
    }
}
