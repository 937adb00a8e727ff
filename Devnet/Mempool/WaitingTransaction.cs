using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Mempool;

/// <summary>A transaction that waits for a block.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Id">Its id.</param>
/// <param name="Fee">Satoshi.</param>
/// <param name="Weight">Weight units.</param>
/// <param name="SigOpCost">Signature operations, scaled as the block's limit is.</param>
public sealed record WaitingTransaction(Transaction Transaction, Hash256 Id, long Fee, int Weight, int SigOpCost);
