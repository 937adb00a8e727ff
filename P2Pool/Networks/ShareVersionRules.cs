using System.Collections.Immutable;

namespace Grainpool.P2Pool.Networks;

/// <summary>How the shares of a version name whom they pay.</summary>
public enum PayeeForm
{
    /// <summary>By the text of an address; weights are kept by that text.</summary>
    Address,

    /// <summary>By a hash and a version byte; weights are kept by the output script that follows from them.</summary>
    KeyHash,
}

/// <summary>In what one version of shares differs from the others: a row of the table. Consensus. Immutable.</summary>
public sealed record ShareVersionRules
{
    /// <summary>Type number on the wire.</summary>
    public required int Number { get; init; }

    /// <summary>The version voted for.</summary>
    public required ulong Vote { get; init; }

    /// <summary>How the payee is named.</summary>
    public required PayeeForm Payee { get; init; }

    /// <summary>Whether a share lists the transactions of its block, which makes the branch of full hashes a matter of consensus.</summary>
    public required bool NamesTransactions { get; init; }

    /// <summary>Bytes of transactions new to the chain that a share of ours may list: local policy.</summary>
    public int NewTransactionBytes { get; init; }

    /// <summary>Most hashes of a merkle branch; null for no limit.</summary>
    public int? LongestBranch { get; init; }

    /// <summary>Hashes kept of the branch of full hashes where nothing commits to it, and no rule reads it; null where it is a matter of consensus.</summary>
    /// <remarks>
    /// Local policy. Whoever passes a share on may lengthen that branch by as much as a message holds; its hash and its work stay as they are, so
    /// the share is good all the same. What is cut off is never missed: the block of a share can be made by its finder only, from his own transactions.
    /// </remarks>
    public int? UncommittedHashesKept { get; init; }

    /// <summary>Whether the last hash of a share may be cut short, as if zero bytes followed.</summary>
    public bool LastHashMayBeCut { get; init; }

    /// <summary>How far ahead of our clock a share may be, seconds; null when nobody looks.</summary>
    public int? FutureSeconds { get; init; }

    /// <summary>Whether a share's time may be at most twice the share period, less a second, after its parent's.</summary>
    public bool LimitsTimeStep { get; init; }

    /// <summary>Version 16: the first of a chain on the classic network.</summary>
    public static ShareVersionRules Version16 { get; } = new()
    {
        Number = 16,
        Vote = 17,
        Payee = PayeeForm.KeyHash,
        NamesTransactions = true,
        NewTransactionBytes = 50_000,
        LongestBranch = 16,
        LimitsTimeStep = true,
    };

    /// <summary>Version 17: as 16, with room for more transactions.</summary>
    public static ShareVersionRules Version17 { get; } = Version16 with { Number = 17, NewTransactionBytes = 100_000 };

    /// <summary>Version 35.</summary>
    public static ShareVersionRules Version35 { get; } = new()
    {
        Number = 35,
        Vote = 35,
        Payee = PayeeForm.Address,
        NamesTransactions = false,
        // Of a block's transactions a branch has 15 at most.
        UncommittedHashesKept = 32,
        LastHashMayBeCut = true,
        FutureSeconds = 600,
    };

    /// <summary>The table.</summary>
    public static ImmutableArray<ShareVersionRules> All { get; } = [Version16, Version17, Version35];

    /// <summary>The row of a type number; null when there is none.</summary>
    public static ShareVersionRules? Find(ulong type)
    {
        foreach (var version in All)
            if ((ulong)version.Number == type)
                return version;
        return null;
    }
}
