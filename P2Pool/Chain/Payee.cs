using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>Somebody who is paid by shares of a forest: one object for each name, as long as a share names it.</summary>
/// <param name="address">The name that weights are kept by: see <see cref="CheckedShare.PayeeName"/>.</param>
/// <param name="script">Output script it stands for.</param>
/// <param name="slot">A small number no other payee of the forest has at the same time.</param>
internal sealed class Payee(string address, ReadOnlySpan<byte> script, int slot)
{
    public string Address { get; } = address;

    /// <summary>The script as it stands in an output, its length in front.</summary>
    public ImmutableArray<byte> Output { get; } = [.. new ByteWriter(script.Length + 3).VarString(script).Written];

    public int Slot { get; } = slot;

    /// <summary>Shares that name it.</summary>
    public int Shares { get; set; }
}
