using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Mining;

/// <summary>A nonce that meets a job's target.</summary>
/// <param name="Work">The job.</param>
/// <param name="ExtraNonce2">The miner's part of the coinbase.</param>
/// <param name="Nonce">The header's nonce.</param>
/// <param name="Hash">Its proof of work.</param>
/// <param name="HeaderHash">Double SHA-256 of the header: the name of the share or block, if it is one.</param>
internal sealed record FoundShare(MiningWork Work, byte[] ExtraNonce2, uint Nonce, Hash256 Hash, Hash256 HeaderHash);
