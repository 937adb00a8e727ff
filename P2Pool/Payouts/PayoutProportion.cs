using System.Numerics;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Payouts;

/// <summary>Turns weights into amounts: subsidy × 199 × weight div (200 × total), exactly. Consensus.</summary>
/// <remarks>
/// Nearly always the weight fits 64 bits and one multiplication by the proportion as a binary fraction, rounded down to 64 places, tells: the error is
/// below weight ÷ 2^64, so the whole part is right unless the places behind it are that near to the next. Otherwise real amounts and weights fit
/// 128 bits, and a quotient below 2^50 is guessed by a double to within 2 and then corrected; that is still several times faster than dividing.
/// What is left, which only an absurd share asks for, takes the slow way.
/// </remarks>
internal readonly struct PayoutProportion
{
    private const int WeightsPart = NetworkParameters.FinderPart - 1;
    private const ulong GuessLimit = 1UL << 50;

    private readonly ulong _subsidy;
    private readonly UInt256 _total;
    private readonly bool _fast;
    private readonly UInt128 _factor;
    private readonly UInt128 _divisor;
    private readonly double _ratio;
    private readonly ulong _fraction; // 0 for none

    /// <summary>The proportion of a subsidy (satoshi) to a total weight.</summary>
    public PayoutProportion(ulong subsidy, UInt256 total)
    {
        (_subsidy, _total) = (subsidy, total);
        _factor = (UInt128)subsidy * WeightsPart;
        // Room for factor × weight, and for a guess too high by a few divisors.
        _fast = subsidy < GuessLimit && !total.IsZero && total.BitLength + 58 <= 124;
        if (!_fast) return;
        _divisor = total.ToUInt128Wrapping() * NetworkParameters.FinderPart;
        _ratio = (double)_factor / (double)_divisor;
        if (_factor < _divisor) _fraction = (ulong)((_factor << 64) / _divisor);
    }

    /// <summary>The amount for a weight, which is at most the total; 0 when there is no weight at all.</summary>
    public ulong Of(UInt256 weight)
    {
        if (_fraction != 0 && weight.BitLength <= 64)
        {
            var most = (ulong)weight.ToUInt128Wrapping();
            var whole = Math.BigMul(_fraction, most, out var places);
            if (places <= ulong.MaxValue - most) return whole;
        }
        if (_total.IsZero) return 0;
        if (!_fast) return Slow(weight);

        var small = weight.ToUInt128Wrapping();
        var product = _factor * small;
        var guess = (ulong)((double)small * _ratio);
        while (guess * _divisor > product) guess--;
        while (product - guess * _divisor >= _divisor) guess++;
        return guess;
    }

    private ulong Slow(UInt256 weight) => (ulong)(
        new BigInteger(_subsidy) * WeightsPart * weight.ToBigInteger() / (NetworkParameters.FinderPart * _total.ToBigInteger()));
}
