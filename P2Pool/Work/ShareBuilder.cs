using System.Collections.Immutable;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Work;

/// <summary>A share to be found, and the coinbase bytes a miner needs for it once.</summary>
/// <param name="Draft">The recipe to keep.</param>
/// <param name="Coinbase1">The coinbase up to the eight bytes the miner varies; <see cref="ShareDraft.Coinbase2"/> follows them.</param>
public sealed record MinerWork(ShareDraft Draft, byte[] Coinbase1);

/// <summary>Makes the shares to be found on one <see cref="WorkBase"/>. Everything the payees have in common is made once, here.</summary>
/// <remarks>Safe for use from many threads; what it remembers only saves time.</remarks>
public sealed class ShareBuilder
{
    private readonly NetworkParameters _network;
    private readonly ShareVersionRules _version;
    private readonly PayeeScripts _scripts;
    private readonly SharePlace _place;
    private readonly PayoutPlan _plan;
    private readonly ImmutableArray<byte> _coinbaseScript;
    private readonly FrontMidstates _midstates = new();

    /// <summary>A builder on this work.</summary>
    /// <param name="network">Whose rules hold.</param>
    /// <param name="scripts">Scripts by address, best one and the same for all work.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="ArgumentException">Shares of this network name their payee by hash, or transactions.</exception>
    public ShareBuilder(NetworkParameters network, PayeeScripts scripts, WorkBase work)
    {
        (_network, _scripts, Work) = (network, scripts, work);
        _version = network.NewestShareVersion;
        if (_version is not { Payee: PayeeForm.Address, NamesTransactions: false })
            throw new ArgumentException($"shares of version {_version.Number} are not made from this kind of work", nameof(network));
        _place = SharePlace.Of(work);
        _plan = new PayoutPlan(network, scripts, work.Weights, work.Template.CoinbaseValue);
        _coinbaseScript = CoinbaseScript.ForHeight(work.Template.Height);
        FrontEnding = GenerationTransaction.FrontEnding(network);
    }

    /// <summary>The work built on.</summary>
    public WorkBase Work { get; }

    /// <summary>Target a header must meet to make a block.</summary>
    public UInt256 BlockTarget => Work.Template.Bits.ToTarget();

    /// <summary>The share target that a wish for one comes to on this work; all wishes that come to the same make the same shares.</summary>
    public UInt256 ShareTarget(UInt256 desiredTarget) => _place.Bits(desiredTarget).ToTarget();

    internal ShareVersionRules Version => _version;

    internal byte[] FrontEnding { get; }

    /// <summary>Makes the share to be found for one payee.</summary>
    /// <param name="payee">Address text exactly as the miner wrote it.</param>
    /// <param name="desiredTarget">Share target wished; moved into the range the chain allows.</param>
    /// <param name="desiredTimestamp">Unix seconds; moved behind the parent's.</param>
    /// <param name="shareNonce">Random, so that no two jobs are alike.</param>
    /// <exception cref="ArgumentException">The payee stands for no script; judge it with <see cref="PayeeAddress"/> before.</exception>
    public MinerWork Create(string payee, UInt256 desiredTarget, uint desiredTimestamp, uint shareNonce)
    {
        var coinbase1 = new ByteWriter();
        var draft = Create(payee, desiredTarget, desiredTimestamp, shareNonce, coinbase1);
        return new MinerWork(draft, coinbase1.ToArray());
    }

    /// <summary>The same for a caller that has memory for the coinbase.</summary>
    /// <param name="payee">Address text exactly as the miner wrote it.</param>
    /// <param name="desiredTarget">Share target wished; moved into the range the chain allows.</param>
    /// <param name="desiredTimestamp">Unix seconds; moved behind the parent's.</param>
    /// <param name="shareNonce">Random, so that no two jobs are alike.</param>
    /// <param name="coinbase1">Empty; takes the coinbase up to the eight bytes the miner varies.</param>
    /// <exception cref="ArgumentException">The payee stands for no script, or the writer is not empty.</exception>
    public ShareDraft Create(string payee, UInt256 desiredTarget, uint desiredTimestamp, uint shareNonce, ByteWriter coinbase1)
    {
        if (coinbase1.Length != 0) throw new ArgumentException("the coinbase begins where the writer does", nameof(coinbase1));
        var fields = _place.Fields(desiredTarget, desiredTimestamp);
        var info = new ShareInfo(
            Work.PreviousShare,
            _coinbaseScript,
            shareNonce,
            payee,
            Work.Template.CoinbaseValue,
            Donation: 0,
            Work.StaleInfo,
            _version.Vote,
            Work.Template.TransactionIdBranch,
            Work.Template.WitnessRoot,
            Work.FarShare,
            fields.MaxBits,
            fields.Bits,
            (uint)fields.Timestamp,
            fields.AbsoluteHeight,
            fields.AbsoluteWork);
        var reference = ReferenceHash.Of(_network, _version, info, []);

        WriteFront(coinbase1, info, out var common);
        var link = _midstates.Link(coinbase1.Written, common);
        coinbase1.Hash(reference);
        return new ShareDraft(this, info, reference, link);
    }

    /// <summary>Makes the coinbase of a share found on this work, in the form without witness.</summary>
    internal Transaction Coinbase(ShareInfo info, Hash256 reference, ulong lastTxOutNonce)
    {
        Span<byte> tail = stackalloc byte[GenerationTransaction.TailSize];
        GenerationTransaction.WriteTail(tail, reference, lastTxOutNonce);
        const int UsualOutput = 34;
        const int Frame = 512;
        var writer = new ByteWriter(Frame + UsualOutput * Work.Weights.Payees.Length);
        WriteFront(writer, info, out _);
        return Transaction.Parse(writer.Bytes(tail).Written);
    }

    private void WriteFront(ByteWriter writer, ShareInfo info, out int common)
    {
        var script = _scripts.Find(info.Address) ?? throw new ArgumentException($"payee '{info.Address}' stands for no script");
        common = GenerationTransaction.WriteFront(writer, _plan, info, info.Address, script.AsSpan());
    }
}
