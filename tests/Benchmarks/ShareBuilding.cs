using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Work;

namespace Grainpool.Benchmarks;

/// <summary>What stands between a new best share and the miners' jobs, and between a submission and its verdict, Verthash aside.</summary>
[MemoryDiagnoser]
public class ShareBuilding
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;

    private readonly PayeeScripts _scripts = new(Network.Parent);
    private readonly ShareCheck _check = new(Network);
    private readonly ShareVerification _verification = new(Network);
    private WorkBase _work = null!;
    private ShareContext _context = null!;
    private ShareBuilder _builder = null!;
    private ShareDraft _draft = null!;
    private Share _share = null!;
    private CheckedShare _checked = null!;
    private int _next;

    /// <summary>Addresses paid.</summary>
    [Params(100, 500)]
    public int Payees { get; set; }

    /// <summary>Makes a payout window of made-up payees.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(35);
        var payees = Enumerable.Range(0, Payees)
            .Select(_ => new PayeeWeight(Address(random), (UInt256)(ulong)random.NextInt64(1L << 50, 1L << 57)))
            .OrderBy(payee => payee.Address, StringComparer.Ordinal)
            .ToImmutableArray();
        var weights = new PayoutWeights(payees, payees.Aggregate(UInt256.Zero, (sum, payee) => sum + payee.Weight));
        var template = TemplateWork.Create(2_632_556, Hash256.Parse("77"), 0x20000000, new CompactTarget(0x1b0404cb), 1_700_000_000, 1_250_000_000, []);
        var rate = new RateWindow(1_000_000_000, 1_699_999_000);
        _context = new ShareContext(new ParentView(Hash256.Parse("99"), 5000, 1_700_000_000, Network.MaxTarget, 10, 1000, rate, Hash256.Parse("55")), weights);
        _work = WorkBase.At(Network, template, _context, StaleInfo.None, 0)!;
        _builder = new ShareBuilder(Network, _scripts, _work);
        _draft = Job().Draft;
        _share = _draft.Solve(0x20000000, 1, 2, 3);
        _checked = _check.Check(_share, UInt256.Zero).Share!;
        if (_verification.Verify(_checked, _context, 1_800_000_000) is { } refusal) throw new InvalidOperationException($"share refused: {refusal}");
    }

    /// <summary>Once for each new work.</summary>
    [Benchmark]
    public ShareBuilder Work() => new(Network, _scripts, _work);

    /// <summary>Once for each address and new work.</summary>
    [Benchmark]
    public MinerWork Job() => _builder.Create(_work.Weights.Payees[_next++ % Payees].Address, UInt256.MaxValue, 0, 1);

    /// <summary>Once for each submission: the 80 bytes to be hashed.</summary>
    [Benchmark]
    public byte[] Header() => _draft.Header(0x20000000, 1, 2, (ulong)_next++).ToBytes();

    /// <summary>Once for each share received.</summary>
    [Benchmark]
    public ShareCheckResult Check() => _check.Check(_share, UInt256.Zero);

    /// <summary>Once for each share received, its window being known.</summary>
    [Benchmark]
    public ShareRefusal? Verify() => _verification.Verify(_checked, _context, 1_800_000_000);

    private static string Address(Random random)
    {
        var hash = new byte[20];
        random.NextBytes(hash);
        return ScriptAddress.Of(OutputScript.PublicKeyHash(hash).AsSpan(), Network)!;
    }
}
