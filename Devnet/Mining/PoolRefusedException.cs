namespace Grainpool.Devnet.Mining;

/// <summary>The pool does not want us, or does not speak stratum. Ends one connection; the miner tries again.</summary>
internal sealed class PoolRefusedException(string message) : Exception(message);
