using System.Runtime.InteropServices;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>What came of checking a share: the checked share, or what is wrong with it.</summary>
/// <param name="Share">The share, when nothing is wrong.</param>
/// <param name="Fault">What is wrong, when there is no share.</param>
/// <param name="Detail">What a log may say about the fault; empty when there is none.</param>
public sealed record ShareCheckResult(CheckedShare? Share, ShareFault? Fault, string Detail)
{
    internal static ShareCheckResult Refuse(ShareFault fault, string detail) => new(null, fault, detail);
}

/// <summary>The checks a share must pass before it is taken in, without looking at the chain. Spec: init checks.</summary>
/// <remarks>Cheap ones first: the proof of work is computed only for a share whose target the network allows.</remarks>
public sealed class ShareCheck
{
    /// <summary>Fewest bytes of a coinbase script.</summary>
    public const int ShortestCoinbaseScript = 2;

    /// <summary>Most bytes of a coinbase script.</summary>
    public const int LongestCoinbaseScript = 100;

    // Beyond this many shares back no transaction may be looked for; that it must not even be that far is a matter of the chain.
    private const int ReferenceLimit = 110;

    private static readonly Hash256 NoWitnessRoot = Hash256.FromNumber(UInt256.MaxValue);

    private readonly NetworkParameters _network;
    private readonly PayeeScripts _scripts;
    private readonly byte[] _frontEnding;

    /// <summary>The checks of one network.</summary>
    public ShareCheck(NetworkParameters network)
    {
        _network = network;
        _scripts = new PayeeScripts(network.Parent, network.NewestShareVersion.Payee);
        _frontEnding = GenerationTransaction.FrontEnding(network);
    }

    /// <summary>Checks a share as it came, computing its proof of work.</summary>
    public ShareCheckResult Check(WrappedShare wrapped, ProofOfWork proofOfWork) => Parse(wrapped, header =>
    {
        Span<byte> hash = stackalloc byte[Hash256.Size];
        proofOfWork(header, hash);
        return UInt256.FromLittleEndian(hash);
    });

    /// <summary>Checks a share whose proof of work is known already, as that of a stored one or one a gateway vouches for.</summary>
    public ShareCheckResult Check(WrappedShare wrapped, UInt256 proofOfWork) => Parse(wrapped, _ => proofOfWork);

    /// <summary>Checks a share of ours whose proof of work is known already.</summary>
    public ShareCheckResult Check(Share share, UInt256 proofOfWork) => Judge(share, _ => proofOfWork);

    private ShareCheckResult Parse(WrappedShare wrapped, Func<byte[], UInt256> proofOfWork)
    {
        if (_network.FindShareVersion(wrapped.Type) is not { } version)
        {
            var fault = wrapped.Type < (ulong)_network.ShareVersions[0].Number ? ShareFault.OlderType : ShareFault.UnknownType;
            return ShareCheckResult.Refuse(fault, $"type {wrapped.Type}");
        }
        try
        {
            return Judge(Share.Parse(version, wrapped.Contents.Span), proofOfWork);
        }
        catch (WireFormatException exception)
        {
            return ShareCheckResult.Refuse(ShareFault.Malformed, exception.Message);
        }
    }

    private ShareCheckResult Judge(Share share, Func<byte[], UInt256> proofOfWork)
    {
        var info = share.Info;
        if (info.CoinbaseScript.Length is < ShortestCoinbaseScript or > LongestCoinbaseScript)
            return ShareCheckResult.Refuse(ShareFault.CoinbaseScriptLength, $"{info.CoinbaseScript.Length} bytes");
        if (share.Version.LongestBranch is { } longest && Math.Max(info.TransactionIdBranch.Length, share.FullHashBranch.Length) > longest)
            return ShareCheckResult.Refuse(ShareFault.BranchLength, $"{info.TransactionIdBranch.Length} and {share.FullHashBranch.Length} hashes");
        if (_scripts.Of(info) is not { } payee)
            return ShareCheckResult.Refuse(ShareFault.Address, $"{info.Address.Length} characters");
        if (info.TransactionIdBranch.IsEmpty && info.WitnessRoot == NoWitnessRoot)
            return ShareCheckResult.Refuse(ShareFault.NoWitnessData, "");
        if (info.Transactions is { } transactions && !ListsItsOwn(transactions))
            return ShareCheckResult.Refuse(ShareFault.TransactionReferences, $"{transactions.References.Length} to {transactions.New.Length} new ones and others");
        if (share.Coinbase.Length >= HashLink.LengthLimit - GenerationTransaction.TailSize)
            return ShareCheckResult.Refuse(ShareFault.CoinbaseLength, $"{share.Coinbase.Length} bytes");

        var target = info.Bits.ToTarget();
        if (target > _network.MaxTarget) return ShareCheckResult.Refuse(ShareFault.TargetTooEasy, $"bits {info.Bits}");

        var reference = ReferenceHash.Of(_network, share.Version, info, share.ReferenceBranch.AsSpan());
        Span<byte> tail = stackalloc byte[GenerationTransaction.TailSize];
        GenerationTransaction.WriteTail(tail, reference, share.LastTxOutNonce);
        var coinbase = share.Coinbase.Finish(tail, _frontEnding);
        var header = share.Header.WithRoot(Merkle.Apply(coinbase, info.TransactionIdBranch.AsSpan()));
        var bytes = header.ToBytes();

        var work = proofOfWork(bytes);
        if (work > target) return ShareCheckResult.Refuse(ShareFault.ProofOfWork, $"{work} above {target}");
        var kept = WithoutPadding(share);
        var wire = ImmutableCollectionsMarshal.AsImmutableArray(kept.ToBytes());
        var result = new CheckedShare(kept, Sha256.Double(bytes), work, header, reference, coinbase, payee.Script, wire) { PayeeName = payee.Name };
        return new ShareCheckResult(result, null, "");
    }

    private static Share WithoutPadding(Share share) =>
        share.Version.UncommittedHashesKept is { } most && share.FullHashBranch.Length > most
            ? share with { FullHashBranch = share.FullHashBranch[..most] }
            : share;

    // Each new transaction at least once, and none that is not there. What earlier shares hold is not looked at here.
    private static bool ListsItsOwn(NamedTransactions transactions)
    {
        var listed = new bool[transactions.New.Length];
        var missing = listed.Length;
        foreach (var (sharesBack, index) in transactions.References)
        {
            if (sharesBack >= ReferenceLimit) return false;
            if (sharesBack > 0) continue;
            if (index >= (ulong)listed.Length) return false;
            if (!listed[index]) missing--;
            listed[index] = true;
        }
        return missing == 0;
    }
}
