namespace Grainpool.Devnet.Mining;

/// <summary>A piece of a job for one thread: these nonces under one extranonce2.</summary>
/// <param name="ExtraNonce2">Number of the extranonce2.</param>
/// <param name="FirstNonce">Where to begin.</param>
/// <param name="Count">How many.</param>
internal readonly record struct WorkSlice(UInt128 ExtraNonce2, uint FirstNonce, int Count);
