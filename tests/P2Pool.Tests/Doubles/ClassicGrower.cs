using System.Collections.Immutable;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Doubles;

/// <summary>Makes shares of the classic network at any place of a chain; the proof of work is taken for granted.</summary>
internal sealed class ClassicGrower(NetworkParameters network, int seed)
{
    private readonly PayeeScripts _scripts = new(network.Parent, PayeeForm.KeyHash);
    private readonly ShareCheck _check = new(network);
    private readonly Random _random = new(seed);

    /// <summary>A payee paid to a key hash, a script hash or a witness program.</summary>
    public KeyHash Payee()
    {
        var hash = new byte[KeyHash.Size];
        _random.NextBytes(hash);
        hash[^1] |= 0x10; // or else the witness program would have an odd count of digits, and no script
        return KeyHash.Of(hash, _random.Next(3) switch { 0 => 0, 1 => network.Parent.ScriptHashVersion, _ => network.Parent.PublicKeyHashVersion });
    }

    /// <summary>The next share.</summary>
    /// <param name="context">Its place, with the weights for <paramref name="blockBits"/>.</param>
    /// <param name="payee">Whom it pays.</param>
    /// <param name="blockBits">Block target to name.</param>
    /// <param name="subsidy">Satoshi.</param>
    /// <param name="transactions">Full hashes of the block's transactions, which count as their ids too.</param>
    /// <param name="version">Version of the share; its successor is made as soon as it may be.</param>
    /// <param name="change">Changes what the share says before it is made.</param>
    public CheckedShare Grow(
        ShareContext context,
        KeyHash payee,
        CompactTarget blockBits,
        ulong subsidy,
        IReadOnlyList<Hash256> transactions,
        ShareVersionRules? version = null,
        Func<ShareInfo, ShareInfo>? change = null)
    {
        version ??= VersionSuccession.Next(network, context.Parent);
        var place = SharePlace.After(network, version, context.Parent);
        var desired = (uint)Math.Max(1_700_000_000, place.MinimumTimestamp + _random.Next(0, 2 * (int)network.SharePeriod.TotalSeconds));
        var fields = place.Fields(network.MaxTarget / (ulong)_random.Next(1, 20), desired);
        Hash256[] leaves = [Hash256.Zero, .. transactions];
        var branch = Merkle.BranchOfFirst(leaves);
        var info = new ShareInfo(
            context.Parent?.Hash ?? Hash256.Zero,
            CoinbaseScript.ForHeight((uint)_random.Next(17, 3_000_000)),
            (uint)_random.Next(),
            "",
            subsidy,
            (ushort)(_random.Next(4) == 0 ? _random.Next(0, 65536) : 0),
            _random.Next(10) switch { 0 => StaleInfo.Orphan, 1 => StaleInfo.Dead, _ => StaleInfo.None },
            version.Vote,
            branch,
            Merkle.Root(leaves),
            fields.FarShare ?? throw new InvalidOperationException("no share can be made here"),
            fields.MaxBits,
            fields.Bits,
            (uint)fields.Timestamp,
            fields.AbsoluteHeight,
            fields.AbsoluteWork)
        {
            KeyHash = payee,
            Transactions = KnownTransactions.Under(context.Parent).Name(transactions),
        };
        if (change is not null) info = change(info);

        var found = _scripts.Of(info) ?? throw new InvalidOperationException("the payee stands for no script");
        var writer = new ByteWriter();
        GenerationTransaction.WriteFront(writer, new PayoutPlan(network, _scripts, context.Weights, info.Subsidy), info, found.Name, found.Script.AsSpan());
        var header = new ShareHeader(0x20000000, Hash256.FromNumber((ulong)_random.NextInt64()), info.Timestamp, blockBits, (uint)_random.Next());
        var share = new Share(version, header, info, [], (ulong)_random.NextInt64(), HashLink.Of(writer.Written), branch);
        var result = _check.Check(share, info.Bits.ToTarget());
        return result.Share ?? throw new InvalidOperationException($"{result.Fault} {result.Detail}");
    }

    /// <summary>Full hashes nobody named before.</summary>
    public ImmutableArray<Hash256> Transactions(int count)
    {
        var hashes = ImmutableArray.CreateBuilder<Hash256>(count);
        var bytes = new byte[Hash256.Size];
        for (; count > 0; count--)
        {
            _random.NextBytes(bytes);
            hashes.Add(Hash256.FromBytes(bytes));
        }
        return hashes.MoveToImmutable();
    }
}
