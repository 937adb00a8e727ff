using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>A share that others build on and we do not have.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="NewestTimestamp">Greatest timestamp of the newest five shares built on it, Unix seconds.</param>
/// <param name="From">A node that sent a child of it; none when that came from a store or from us.</param>
public sealed record MissingParent(Hash256 Hash, uint NewestTimestamp, PeerEndpoint? From);
