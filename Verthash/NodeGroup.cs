namespace Grainpool.Verthash;

/// <summary>A group of nodes that do not hang on each other, and where the parents of each lie.</summary>
/// <param name="Start">Place of its first node.</param>
/// <param name="First">
/// Place from which first parents are counted: node <c>i</c> has the one at <c>First + ((i ^ Distance) &amp; Mask)</c>.
/// <see cref="Nobody"/> when there are no parents at all.
/// </param>
/// <param name="Distance">See <paramref name="First"/>.</param>
/// <param name="Mask">See <paramref name="First"/>.</param>
/// <param name="Second">Place from which second parents are counted: node <c>i</c> has the one at <c>Second + i</c>. Or <see cref="Nobody"/>.</param>
internal readonly record struct NodeGroup(long Start, long First, int Distance, int Mask, long Second)
{
    /// <summary>Stands for no parents.</summary>
    public const long Nobody = -1;

    /// <summary>Any position: the mask that changes nothing.</summary>
    public const int All = int.MaxValue;

    /// <summary>None, one or two.</summary>
    public int Parents => First == Nobody ? 0 : Second == Nobody ? 1 : 2;

    /// <summary>The node at <paramref name="position"/> of the group, the first parent's place.</summary>
    public long FirstOf(int position) => First + ((position ^ Distance) & Mask);
}
