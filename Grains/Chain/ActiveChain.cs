using Grainpool.Grains.Segments;
using Grainpool.P2Pool.Chain;

namespace Grainpool.Grains.Chain;

/// <summary>What an activation has once its chain is loaded.</summary>
/// <param name="Epoch">Names the activation.</param>
/// <param name="Chain">The shares.</param>
/// <param name="Heights">What is known of the parent chain.</param>
/// <param name="Writer">Stores what is new.</param>
/// <param name="Desk">Hands out work.</param>
internal sealed record ActiveChain(long Epoch, ShareChain Chain, ParentHeightBook Heights, SegmentWriter Writer, WorkDesk Desk);
