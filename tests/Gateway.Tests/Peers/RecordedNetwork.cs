using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>A network on which sessions were recorded: its rules, all its shares, and their proofs of work, so that no test needs Verthash's table.</summary>
internal sealed class RecordedNetwork : IVerthash
{
    private static readonly RecordedNetwork Mini = new("mini");
    private static readonly RecordedNetwork Mini120 = new("mini120");

    private readonly Dictionary<string, UInt256> _proofs = [];
    private readonly Dictionary<Hash256, RecordedShare> _shares = [];

    private RecordedNetwork(string name)
    {
        using var json = Vectors.Json($"live-3501/shares-{name}.json");
        var net = json.RootElement.GetProperty("net");
        Parameters = KnownNetworks.Vertcoin with
        {
            Name = name,
            Identifier = [.. Hex(net, "IDENTIFIER")],
            Prefix = [.. Hex(net, "PREFIX")],
            SharePeriod = TimeSpan.FromSeconds(net.GetProperty("SHARE_PERIOD").GetInt32()),
            ChainLength = net.GetProperty("CHAIN_LENGTH").GetInt32(),
            TargetLookbehind = net.GetProperty("TARGET_LOOKBEHIND").GetInt32(),
            SpreadBlocks = net.GetProperty("SPREAD").GetInt32(),
            MaxTarget = UInt256.ParseHex(net.GetProperty("MAX_TARGET").GetString()),
            DonationScript = [.. Hex(net, "donation_script")],
            DonationAddress = net.GetProperty("donation_address").GetString()!,
            Parent = KnownNetworks.Vertcoin.Parent with { PublicKeyHashVersion = 74, ScriptHashVersion = 196, Bech32Prefix = "rvtc", HalvingInterval = 150 },
        };
        var check = new ShareCheck(Parameters);
        foreach (var record in json.RootElement.GetProperty("shares").EnumerateArray())
        {
            var proof = UInt256.ParseHex(record.GetProperty("pow_hash").GetString());
            _proofs[record.GetProperty("header").GetString()!] = proof;
            var wire = Hex(record, "packed");
            if (check.Check(WrappedShare.Parse(wire), proof).Share is not { } share) continue;
            _shares[share.Hash] = new RecordedShare(
                share, proof, DateTimeOffset.FromUnixTimeSeconds(record.GetProperty("clock_first_seen").GetInt64()),
                record.GetProperty("verified_by_recording_node").GetBoolean());
        }
        Best = Hash256.Parse(json.RootElement.GetProperty("main_chain_newest_first")[0].GetString());
    }

    public NetworkParameters Parameters { get; }

    /// <summary>The best share at the end of all recordings.</summary>
    public Hash256 Best { get; }

    /// <summary>Its shares.</summary>
    public IReadOnlyDictionary<Hash256, RecordedShare> Shares => _shares;

    /// <summary>The network of a recording node: those of the shorter chain are called m.</summary>
    public static RecordedNetwork Of(string node) => node[0] == 'm' ? Mini : Mini120;

    /// <summary>A share and its ancestors, oldest first.</summary>
    public ImmutableArray<RecordedShare> Ancestry(Hash256 newest)
    {
        var line = new List<RecordedShare>();
        for (; _shares.TryGetValue(newest, out var share); newest = share.Share.PreviousShare) line.Add(share);
        line.Reverse();
        return [.. line];
    }

    /// <summary>The proof of work as recorded; the worst there is for a header that nobody recorded.</summary>
    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash)
    {
        if (_proofs.TryGetValue(Convert.ToHexStringLower(header), out var proof)) proof.WriteLittleEndian(hash);
        else hash[..Hash256.Size].Fill(0xff);
    }

    public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
    {
        for (var i = 0; i * VerthashHasher.HeaderLength < headers.Length; i++)
            Hash(headers.Slice(i * VerthashHasher.HeaderLength, VerthashHasher.HeaderLength), hashes.Slice(i * Hash256.Size, Hash256.Size));
    }

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}

/// <summary>A share as the running nodes saw it.</summary>
/// <param name="Share">The share.</param>
/// <param name="ProofOfWork">Its proof of work.</param>
/// <param name="SeenAt">By the clock of who recorded it.</param>
/// <param name="IsVerified">Whether the nodes took it.</param>
internal sealed record RecordedShare(CheckedShare Share, UInt256 ProofOfWork, DateTimeOffset SeenAt, bool IsVerified);
