using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Grains.Chain;

/// <summary>Heights of blocks of the parent chain as far as we were told, and those still to be asked for.</summary>
internal sealed class ParentHeightBook : IParentHeights
{
    // Two chain lengths of shares name fewer blocks than that; beyond it all are asked for anew.
    private const int MostHeights = 20_000;
    private const int MostAsked = 256;

    private readonly Dictionary<Hash256, int> _heights = [];
    private readonly HashSet<Hash256> _wanted = [];

    public int BestHeight { get; private set; }

    public int? HeightOf(Hash256 block) => _heights.TryGetValue(block, out var height) ? height : null;

    /// <summary>A template tells the height of the tip.</summary>
    public void Learn(TemplateWork template) => Learn(template.PreviousBlock, (int)template.Height - 1);

    public void Learn(Hash256 block, int height)
    {
        if (_heights.Count >= MostHeights) _heights.Clear();
        _heights[block] = height;
        _wanted.Remove(block);
        BestHeight = Math.Max(BestHeight, height);
    }

    /// <summary>The chain wanted to know these.</summary>
    public void Want(IEnumerable<Hash256> blocks)
    {
        foreach (var block in blocks)
            if (_wanted.Count < MostAsked && !_heights.ContainsKey(block)) _wanted.Add(block);
    }

    /// <summary>What to ask for now; each is asked for again only when the chain wants it again.</summary>
    public IReadOnlyList<Hash256> TakeWanted()
    {
        List<Hash256> wanted = [.. _wanted];
        _wanted.Clear();
        return wanted;
    }
}
