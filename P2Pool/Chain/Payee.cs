using System.Collections.Immutable;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>Somebody who is paid by shares of a forest: one object for each name, as long as a share names it.</summary>
/// <param name="share">A share that names it.</param>
/// <param name="slot">A small number no other payee of the forest has at the same time.</param>
internal sealed class Payee(CheckedShare share, int slot)
{
    /// <summary>The name that weights are kept by: see <see cref="CheckedShare.PayeeName"/>.</summary>
    public string Address { get; } = share.PayeeName;

    /// <summary>By which it stands among payees of equal amounts; where these are alike, by <see cref="Address"/>.</summary>
    public ulong Start { get; } = PayeeStart.Of(share.PayeeName, share.Payee.AsSpan(), share.Share.Version.Payee);

    /// <summary>The script as it stands in an output, its length in front.</summary>
    public ImmutableArray<byte> Output { get; } = [.. new ByteWriter(share.Payee.Length + 3).VarString(share.Payee.AsSpan()).Written];

    public int Slot { get; } = slot;

    /// <summary>Shares that name it.</summary>
    public int Shares { get; set; }
}
