using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Daemon;

/// <summary>A transaction the daemon proposes for the next block.</summary>
/// <param name="Data">The whole transaction, witness included.</param>
/// <param name="Id">Double SHA-256 of the form without witness.</param>
/// <param name="Hash">Double SHA-256 of <paramref name="Data"/>.</param>
/// <param name="Fee">Satoshi; null when the daemon did not say.</param>
/// <param name="Weight">Weight units.</param>
/// <param name="SigOps">Signature operations as counted against the block's limit.</param>
public sealed record TemplateTransaction(ImmutableArray<byte> Data, Hash256 Id, Hash256 Hash, long? Fee, int Weight, int SigOps);

/// <summary>What a daemon answered to <c>getblocktemplate</c>, checked and typed.</summary>
/// <param name="Height">Height of the block to be found.</param>
/// <param name="PreviousBlock">Tip it builds on.</param>
/// <param name="Version">Header version wanted.</param>
/// <param name="Bits">Block target in compact form.</param>
/// <param name="CurrentTime">The daemon's time, Unix seconds.</param>
/// <param name="MinimumTime">Least header time allowed, Unix seconds.</param>
/// <param name="CoinbaseValue">Most the coinbase may pay: subsidy and fees, satoshi.</param>
/// <param name="Transactions">In the order of the block.</param>
/// <param name="Rules">Names of the rules in force, as sent: a leading <c>!</c> marks one that must be understood.</param>
/// <param name="CoinbaseFlags">Bytes the daemon wants in the coinbase script; only classic networks put them there.</param>
/// <param name="LongPollId">To be given back to wait for the next template; null when the daemon offers none.</param>
/// <param name="WeightLimit">Most weight a block may have.</param>
/// <param name="SigOpLimit">Most signature operations a block may have.</param>
public sealed record BlockTemplate(
    uint Height,
    Hash256 PreviousBlock,
    uint Version,
    CompactTarget Bits,
    uint CurrentTime,
    uint MinimumTime,
    long CoinbaseValue,
    ImmutableArray<TemplateTransaction> Transactions,
    ImmutableArray<string> Rules,
    ImmutableArray<byte> CoinbaseFlags,
    string? LongPollId,
    int WeightLimit,
    int SigOpLimit)
{
    /// <summary>Whether blocks on this template carry witnesses (spec: work 6.8): decides how a block is serialised.</summary>
    public bool HasSegwit => Rules.Any(rule => rule is "segwit" or "!segwit");

    /// <summary>Rules in force that are not among the known ones. With any, no work may be handed out (spec: work 6.3).</summary>
    public ImmutableArray<string> UnknownRules(IReadOnlySet<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        return [.. Rules.Select(rule => rule.TrimStart('!')).Where(rule => !known.Contains(rule))];
    }

    /// <summary>What the pool's rules need of this template: everything but the transactions' bodies.</summary>
    public TemplateWork ToWork() => TemplateWork.Create(
        Height, PreviousBlock, Version, Bits, CurrentTime, (ulong)CoinbaseValue,
        [.. Transactions.Select(transaction => transaction.Id)], [.. Transactions.Select(transaction => transaction.Hash)]);
}
