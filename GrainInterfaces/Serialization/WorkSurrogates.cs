using System.Collections.Immutable;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;
using Orleans.Serialization.Cloning;

namespace Grainpool.GrainInterfaces.Serialization;

/// <summary>Fields of <see cref="TemplateWork"/>.</summary>
[GenerateSerializer, Alias("p2pool.TemplateWork")]
public struct TemplateWorkSurrogate
{
    /// <inheritdoc cref="TemplateWork.Id"/>
    [Id(0)] public Hash256 Id;

    /// <inheritdoc cref="TemplateWork.Height"/>
    [Id(1)] public uint Height;

    /// <inheritdoc cref="TemplateWork.PreviousBlock"/>
    [Id(2)] public Hash256 PreviousBlock;

    /// <inheritdoc cref="TemplateWork.Version"/>
    [Id(3)] public uint Version;

    /// <inheritdoc cref="TemplateWork.Bits"/>
    [Id(4)] public uint Bits;

    /// <inheritdoc cref="TemplateWork.CurrentTime"/>
    [Id(5)] public uint CurrentTime;

    /// <inheritdoc cref="TemplateWork.CoinbaseValue"/>
    [Id(6)] public ulong CoinbaseValue;

    /// <inheritdoc cref="TemplateWork.TransactionIdBranch"/>
    [Id(7)] public ImmutableArray<Hash256> TransactionIdBranch;

    /// <inheritdoc cref="TemplateWork.WitnessRoot"/>
    [Id(8)] public Hash256 WitnessRoot;

    /// <inheritdoc cref="TemplateWork.FullHashBranch"/>
    [Id(9)] public ImmutableArray<Hash256> FullHashBranch;

    /// <inheritdoc cref="TemplateWork.TransactionCount"/>
    [Id(10)] public int TransactionCount;
}

/// <summary>Converts <see cref="TemplateWork"/>.</summary>
[RegisterConverter]
public sealed class TemplateWorkConverter : IConverter<TemplateWork, TemplateWorkSurrogate>
{
    /// <inheritdoc/>
    public TemplateWork ConvertFromSurrogate(in TemplateWorkSurrogate s) => new(
        s.Id, s.Height, s.PreviousBlock, s.Version, new CompactTarget(s.Bits), s.CurrentTime, s.CoinbaseValue,
        s.TransactionIdBranch, s.WitnessRoot, s.FullHashBranch, s.TransactionCount);

    /// <inheritdoc/>
    public TemplateWorkSurrogate ConvertToSurrogate(in TemplateWork value) => new()
    {
        Id = value.Id,
        Height = value.Height,
        PreviousBlock = value.PreviousBlock,
        Version = value.Version,
        Bits = value.Bits.Bits,
        CurrentTime = value.CurrentTime,
        CoinbaseValue = value.CoinbaseValue,
        TransactionIdBranch = value.TransactionIdBranch,
        WitnessRoot = value.WitnessRoot,
        FullHashBranch = value.FullHashBranch,
        TransactionCount = value.TransactionCount,
    };
}

/// <summary>Fields of <see cref="WorkBase"/>; the payees in two parallel lists.</summary>
[GenerateSerializer, Alias("p2pool.WorkBase")]
public struct WorkBaseSurrogate
{
    /// <inheritdoc cref="WorkBase.Template"/>
    [Id(0)] public TemplateWork Template;

    /// <inheritdoc cref="WorkBase.PreviousShare"/>
    [Id(1)] public Hash256 PreviousShare;

    /// <inheritdoc cref="WorkBase.MinimumTimestamp"/>
    [Id(2)] public uint MinimumTimestamp;

    /// <inheritdoc cref="WorkBase.MaxTarget"/>
    [Id(3)] public UInt256 MaxTarget;

    /// <inheritdoc cref="WorkBase.AbsoluteHeight"/>
    [Id(4)] public uint AbsoluteHeight;

    /// <inheritdoc cref="WorkBase.ParentAbsoluteWork"/>
    [Id(5)] public UInt128 ParentAbsoluteWork;

    /// <inheritdoc cref="WorkBase.FarShare"/>
    [Id(6)] public Hash256 FarShare;

    /// <summary>Address of each payee.</summary>
    [Id(7)] public string[] Addresses;

    /// <summary>Weight of each payee.</summary>
    [Id(8)] public UInt256Surrogate[] Weights;

    /// <inheritdoc cref="PayoutWeights.Total"/>
    [Id(9)] public UInt256 TotalWeight;

    /// <inheritdoc cref="WorkBase.StaleInfo"/>
    [Id(10)] public byte StaleInfo;

    /// <inheritdoc cref="WorkBase.PoolAttemptsPerSecond"/>
    [Id(11)] public double PoolAttemptsPerSecond;

    /// <inheritdoc cref="WorkBase.ParentHeight"/>
    [Id(12)] public int ParentHeight;
}

/// <summary>Converts <see cref="WorkBase"/>.</summary>
[RegisterConverter]
public sealed class WorkBaseConverter : IConverter<WorkBase, WorkBaseSurrogate>
{
    /// <inheritdoc/>
    public WorkBase ConvertFromSurrogate(in WorkBaseSurrogate s)
    {
        var payees = new PayeeWeight[s.Addresses.Length];
        for (var i = 0; i < payees.Length; i++) payees[i] = new PayeeWeight(s.Addresses[i], s.Weights[i].Value);
        return new WorkBase(
            s.Template, s.PreviousShare, s.MinimumTimestamp, s.MaxTarget, s.AbsoluteHeight, s.ParentAbsoluteWork, s.FarShare,
            new PayoutWeights([.. payees], s.TotalWeight), s.StaleInfo, s.PoolAttemptsPerSecond, s.ParentHeight);
    }

    /// <inheritdoc/>
    public WorkBaseSurrogate ConvertToSurrogate(in WorkBase value) => new()
    {
        Template = value.Template,
        PreviousShare = value.PreviousShare,
        MinimumTimestamp = value.MinimumTimestamp,
        MaxTarget = value.MaxTarget,
        AbsoluteHeight = value.AbsoluteHeight,
        ParentAbsoluteWork = value.ParentAbsoluteWork,
        FarShare = value.FarShare,
        Addresses = [.. value.Weights.Payees.Select(payee => payee.Address)],
        Weights = [.. value.Weights.Payees.Select(payee => UInt256Surrogate.Of(payee.Weight))],
        TotalWeight = value.Weights.Total,
        StaleInfo = value.StaleInfo,
        PoolAttemptsPerSecond = value.PoolAttemptsPerSecond,
        ParentHeight = value.ParentHeight,
    };
}

/// <summary>Templates are immutable.</summary>
[RegisterCopier]
public sealed class TemplateWorkCopier : ShallowCopier<TemplateWork>;

/// <summary>Work is immutable.</summary>
[RegisterCopier]
public sealed class WorkBaseCopier : ShallowCopier<WorkBase>;
