using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Stratum;

/// <summary>A job as <c>mining.notify</c> tells it. A miner builds coinbase1 ‖ extranonce1 ‖ extranonce2 ‖ coinbase2.</summary>
/// <param name="Job">Its id.</param>
/// <param name="PreviousBlock">The block it builds on.</param>
/// <param name="Coinbase1">Coinbase without witness up to the extranonces.</param>
/// <param name="Coinbase2">What follows them.</param>
/// <param name="Branch">From the coinbase to the merkle root.</param>
/// <param name="Version">Header version.</param>
/// <param name="Bits">Block target.</param>
/// <param name="Time">Header time, Unix seconds.</param>
/// <param name="Clean">Whether older jobs are worth nothing now. The miners in use ignore it.</param>
public readonly record struct StratumNotify(
    JobId Job,
    Hash256 PreviousBlock,
    ReadOnlyMemory<byte> Coinbase1,
    ReadOnlyMemory<byte> Coinbase2,
    ImmutableArray<Hash256> Branch,
    uint Version,
    CompactTarget Bits,
    uint Time,
    bool Clean);
