using System.Text;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Store;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Classic;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>The share files of the legacy nodes: text, one share or hash in hex on a line. Every byte is changed once, and its line read again.</summary>
public class ShareFileFlips
{
    /// <summary>The files looked at here.</summary>
    internal static string[] Names { get; } = ["v17-chain-320.shares", "live-3501/datadir/m1-shares.0", "live-3501/datadir/n1-shares.0"];

    [Fact]
    public void EveryByteOfTheClassicChain_Changed_IsNoticed()
    {
        var held = new HeldShares(KnownNetworks.VertcoinClassic);
        foreach (var share in ClassicShares.Chain320) held.Chain.Add(share);
        var children = ClassicShares.Chain320.ToDictionary(share => share.PreviousShare);
        const string Tip = "90bb50c1850b9313327c5e7340d7c55a44a5fa455a0caa4e65c257825f0b34fe";

        // A share is the one its child names, and good at its place.
        AssertNoticed(Names[0], 131_000, file =>
        {
            var share = ClassicShares.Stubbed([.. Assert.Single(file.Shares)]);
            Assert.True(children.ContainsKey(share.Hash) || share.Hash.ToString() == Tip);
            Assert.Null(new ShareVerification(KnownNetworks.VertcoinClassic).Verify(share, held.Chain.ContextOf(share), 0));
        });
    }

    [Theory]
    [InlineData(1, "mini", 145_000)]
    [InlineData(2, "mini120", 195_000)]
    public void EveryByteOfARunningNodesFile_Changed_IsNoticed(int file, string network, int least)
    {
        var live = LiveShares.Named(network);
        var check = new ShareCheck(live.Network);
        var verified = LegacyShareFile.Read(Vectors.Bytes(Names[file])).Verified;

        // A share is one that was seen, to the last byte; a hash is that of a share the node had verified.
        AssertNoticed(Names[file], least, file =>
        {
            Assert.Equal(1, file.Shares.Length + file.Verified.Count);
            if (file.Verified.Count == 1)
            {
                Assert.True(live.Knows(file.Verified.Single()) && live.IsVerified(file.Verified.Single()));
                return;
            }
            var share = check.Check(WrappedShare.Parse(file.Shares[0].AsSpan()), UInt256.Zero).Share!;
            Assert.True(live.Knows(share.Hash) && live[share.Hash].WireBytes.AsSpan().SequenceEqual(file.Shares[0].AsSpan()));
            Assert.Contains(share.Hash, verified);
        });
    }

    // A line begins with what it holds and a space; then two digits make a byte.
    private static void AssertNoticed(string name, int least, Action<LegacyShareFile> check)
    {
        var flips = 0;
        foreach (var line in Vectors.Lines(name).Select(line => Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(line).TrimEnd())))
        {
            Read(line);
            const int Before = 2;
            for (var i = 0; i < line.Length; i += i < Before ? 1 : 2)
            {
                var changed = line.ToArray();
                changed[i] = changed[i] switch { (byte)'f' => (byte)'e', (byte)'9' => (byte)'8', var digit => (byte)(digit + 1) };
                Assert.True(IsNoticed(changed), $"byte {i} of {Encoding.ASCII.GetString(line.AsSpan(0, Math.Min(80, line.Length)))}");
                flips++;
            }
        }
        Assert.InRange(flips, least, int.MaxValue);

        bool IsNoticed(byte[] changed)
        {
            try
            {
                Read(changed);
                return false;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                return true;
            }
        }

        void Read(byte[] line)
        {
            var file = LegacyShareFile.Read(line);
            Assert.Equal(0, file.BadLineCount);
            check(file);
        }
    }
}
