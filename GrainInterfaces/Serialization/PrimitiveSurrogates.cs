using Grainpool.P2Pool.Primitives;
using Orleans.Serialization.Cloning;

namespace Grainpool.GrainInterfaces.Serialization;

// Types of P2Pool know nothing of Orleans. Here each gets a surrogate of its plain fields, and, being immutable, a copier that copies nothing.

/// <summary>A 256-bit number as four words.</summary>
[GenerateSerializer, Alias("p2pool.UInt256")]
public struct UInt256Surrogate
{
    /// <summary>Bits 192…255.</summary>
    [Id(0)] public ulong High;

    /// <summary>Bits 128…191.</summary>
    [Id(1)] public ulong Upper;

    /// <summary>Bits 64…127.</summary>
    [Id(2)] public ulong Lower;

    /// <summary>Bits 0…63.</summary>
    [Id(3)] public ulong Low;

    internal static UInt256Surrogate Of(UInt256 value)
    {
        var low = value.ToUInt128Wrapping();
        var high = (value >> 128).ToUInt128Wrapping();
        return new UInt256Surrogate { High = (ulong)(high >> 64), Upper = (ulong)high, Lower = (ulong)(low >> 64), Low = (ulong)low };
    }

    internal readonly UInt256 Value => new(High, Upper, Lower, Low);
}

/// <summary>Converts <see cref="UInt256"/>.</summary>
[RegisterConverter]
public sealed class UInt256Converter : IConverter<UInt256, UInt256Surrogate>
{
    /// <inheritdoc/>
    public UInt256 ConvertFromSurrogate(in UInt256Surrogate surrogate) => surrogate.Value;

    /// <inheritdoc/>
    public UInt256Surrogate ConvertToSurrogate(in UInt256 value) => UInt256Surrogate.Of(value);
}

/// <summary>A hash as its number.</summary>
[GenerateSerializer, Alias("p2pool.Hash256")]
public struct Hash256Surrogate
{
    /// <summary>The little-endian reading.</summary>
    [Id(0)] public UInt256Surrogate Number;
}

/// <summary>Converts <see cref="Hash256"/>.</summary>
[RegisterConverter]
public sealed class Hash256Converter : IConverter<Hash256, Hash256Surrogate>
{
    /// <inheritdoc/>
    public Hash256 ConvertFromSurrogate(in Hash256Surrogate surrogate) => Hash256.FromNumber(surrogate.Number.Value);

    /// <inheritdoc/>
    public Hash256Surrogate ConvertToSurrogate(in Hash256 value) => new() { Number = UInt256Surrogate.Of(value.ToNumber()) };
}

/// <summary>Hashes are immutable.</summary>
[RegisterCopier]
public sealed class Hash256Copier : ShallowCopier<Hash256>;

/// <summary>Numbers are immutable.</summary>
[RegisterCopier]
public sealed class UInt256Copier : ShallowCopier<UInt256>;
