using Grainpool.P2Pool.Peers;

namespace Grainpool.P2Pool.Shares;

/// <summary>A share together with what we, not the wire, know of it.</summary>
/// <param name="Share">The share and what follows from it.</param>
/// <param name="SeenAt">When it was first seen; the Unix epoch for one read from a store that did not keep the time.</param>
/// <param name="From">The node it came from first; none for our own and for stored ones.</param>
/// <param name="Own">Whether our miners found it.</param>
/// <param name="Dead">Whether it was found on work already replaced.</param>
public sealed record KnownShare(CheckedShare Share, DateTimeOffset SeenAt, PeerEndpoint? From, bool Own, bool Dead);
