using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Peers;

public class PeerMessageTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly byte[] Ping = PeerFrame.Write(Network, new PingMessage());

    [Fact]
    public void RecordedMessages_MadeAndRead_AreTheRecordedBytes()
    {
        using var json = Vectors.Json("v35-messages.json");
        var records = json.RootElement.GetProperty("messages").EnumerateArray().ToList();
        Assert.All(records, RecordedMessages.Check);
        Assert.Equal(Enum.GetValues<PeerCommand>().Select(command => command.Name()).Order(), records.Select(record => record.Text("command")).Distinct().Order());
        Assert.All(json.RootElement.GetProperty("tx_hash_notes").EnumerateArray(), RecordedMessages.CheckHashes);
    }

    /// <summary>Whole sessions of running nodes: every message is read, and gives the same bytes back.</summary>
    [Theory]
    [InlineData("wire-mini-m2-from-empty", "mini")]
    [InlineData("wire-mini-latejoiner-m4", "mini")]
    [InlineData("wire-mini120-latejoiner-n3", "mini120")]
    public void LiveSessions_ReadAndWritten_AreTheSameBytes(string session, string network)
    {
        var live = LiveShares.Named(network);
        var reader = new PeerFrameReader(live.Network);
        var (messages, shares) = (0, 0);
        foreach (var line in Vectors.JsonLines($"live-3501/{session}.jsonl").Select(line => line.RootElement).Where(line => line.TryGetProperty("hex", out _)))
        {
            var frame = line.Hex("hex");
            Assert.Equal(FrameFinding.Message, reader.Read(frame, out var consumed, out var command, out var payload, out _));
            Assert.Equal((frame.Length, line.Text("command")), (consumed, command.Name()));
            var message = PeerMessage.Parse(command, payload);
            Assert.Equal(frame, PeerFrame.Write(live.Network, message));
            messages++;

            var carried = message switch { SharesMessage pushed => pushed.Shares, ShareReplyMessage reply => reply.Shares, _ => [] };
            if (carried.IsEmpty) continue;
            Assert.Equal(
                line.GetProperty("decoded").GetProperty("shares").EnumerateArray().Select(share => (share.GetProperty("type").GetUInt64(), share.Hash("previous"))),
                carried.Select(share => (share.Type, Share.Parse(ShareVersionRules.Version35, share.Contents.Span).Info.PreviousShare)));
            shares += carried.Length;
        }
        Assert.InRange(messages, 500, int.MaxValue);
        Assert.InRange(shares, 300, int.MaxValue);
    }

    [Fact]
    public void Frames_InPieces_AreFoundWhenWhole()
    {
        byte[] stream = [.. "garbage"u8, .. Network.Prefix[..5], .. Ping, .. PeerFrame.Write(Network, new GetAddrsMessage(8)), .. Ping];
        for (var piece = 1; piece <= stream.Length; piece++)
        {
            var (waiting, found) = (new List<byte>(), new List<PeerCommand>());
            foreach (var bytes in stream.Chunk(piece))
            {
                waiting.AddRange(bytes);
                while (true)
                {
                    var finding = new PeerFrameReader(Network).Read(waiting.ToArray(), out var consumed, out var command, out _, out var wanted);
                    waiting.RemoveRange(0, consumed);
                    if (finding == FrameFinding.NeedMore)
                    {
                        Assert.True(wanted > waiting.Count);
                        break;
                    }
                    Assert.Equal(FrameFinding.Message, finding);
                    found.Add(command);
                }
            }
            Assert.Equal([PeerCommand.Ping, PeerCommand.GetAddrs, PeerCommand.Ping], found);
            Assert.Empty(waiting);
        }
    }

    [Fact]
    public void Frame_WithAnotherChecksum_IsTold()
    {
        var frame = PeerFrame.Write(Network, new GetAddrsMessage(8));
        frame[^1] ^= 1;
        Assert.Equal(FrameFinding.WrongChecksum, new PeerFrameReader(Network).Read(frame, out _, out _, out _, out _));
    }

    [Fact]
    public void Frame_OfAnUnknownCommand_IsPassedOver()
    {
        byte[] stream = [.. Ping, .. Ping];
        stream[PeerFrame.PrefixSize] = (byte)'x';
        Assert.Equal(FrameFinding.UnknownCommand, new PeerFrameReader(Network).Read(stream, out var consumed, out _, out _, out _));
        Assert.Equal(Ping.Length, consumed);
    }

    [Theory]
    [InlineData(32_000_001, FrameFinding.Message)]
    [InlineData(-1, FrameFinding.Message)]
    [InlineData(32_000_000, FrameFinding.NeedMore)]
    public void Frame_AnnouncingTooMuch_IsSearchedForTheNextOne(int length, FrameFinding expected)
    {
        byte[] stream = [.. Network.Prefix, .. new byte[12], .. BitConverter.GetBytes(length), .. Ping];
        Assert.Equal(expected, new PeerFrameReader(Network).Read(stream, out _, out var command, out _, out var wanted));
        if (expected == FrameFinding.Message) Assert.Equal(PeerCommand.Ping, command);
        else Assert.Equal(PeerFrame.HeaderSize + Network.LargestPayload, wanted);
    }

    [Fact]
    public void PayloadLargerThanTheNetworkAllows_IsNotWritten()
    {
        var message = new GetAddrsMessage(8);
        Assert.NotEmpty(PeerFrame.Write(Network with { LargestPayload = 4 }, message));
        Assert.Throws<ArgumentException>(() => PeerFrame.Write(Network with { LargestPayload = 3 }, message));
    }

    [Fact]
    public void Payload_CutOrTooLong_IsRefused()
    {
        using var json = Vectors.Json("v35-messages.json");
        foreach (var record in json.RootElement.GetProperty("messages").EnumerateArray())
        {
            var payload = record.Hex("payload_hex");
            var command = Enum.GetValues<PeerCommand>().Single(each => each.Name() == record.Text("command"));
            for (var length = 0; length < payload.Length; length++)
                Assert.Throws<WireFormatException>(() => PeerMessage.Parse(command, payload.AsSpan(0, length)));
            Assert.Throws<WireFormatException>(() => PeerMessage.Parse(command, [.. payload, 0]));
        }
    }

    [Fact]
    public void ShareReply_OfAnUnknownResult_IsRefused()
    {
        Assert.Equal(ShareReplyResult.Unknown6, Assert.IsType<ShareReplyMessage>(PeerMessage.Parse(PeerCommand.ShareReply, [.. new byte[32], 6, 0])).Result);
        Assert.Throws<WireFormatException>(() => PeerMessage.Parse(PeerCommand.ShareReply, [.. new byte[32], 7, 0]));
    }

    /// <summary>The smallest entries there are, as many as fit: objects made of them would take ten times the bytes and more.</summary>
    [Theory]
    [InlineData(PeerCommand.Shares, 2, 0)]
    [InlineData(PeerCommand.ShareReply, 2, Hash256.Size + 1)]
    [InlineData(PeerCommand.Addrs, 34, 0)]
    [InlineData(PeerCommand.RememberTx, 12, 1)]
    public void ManySmallEntries_TakeNoMoreMemoryThanTheirBytes(PeerCommand command, int entrySize, int before)
    {
        const int Most = 10_000_000;
        var count = Most / entrySize;
        var payload = new byte[before + 5 + (count * entrySize)];
        payload[before] = 0xfe;
        BitConverter.TryWriteBytes(payload.AsSpan(before + 1), count);
        // In the form with witnesses, and without inputs.
        if (command == PeerCommand.RememberTx)
            for (var i = 0; i < count; i++) payload[before + 5 + (i * entrySize) + 5] = 1;
        PeerMessage.Parse(PeerCommand.Ping, []);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var message = PeerMessage.Parse(command, payload);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, Most / 4);
        Assert.Equal(command, message.Command);

        // What is not kept must have its form all the same.
        Assert.Throws<WireFormatException>(() => PeerMessage.Parse(command, payload.AsSpan(..^1)));
        Assert.Throws<WireFormatException>(() => PeerMessage.Parse(command, [.. payload, 0]));
    }

    [Fact]
    public void ListsAsLongAsAnybodyLooksAt_AreKeptWhole()
    {
        var shares = new SharesMessage([.. Enumerable.Range(0, SharesMessage.MostKept).Select(i => new WrappedShare(35, BitConverter.GetBytes(i)))]);
        var addresses = new AddrsMessage([.. Enumerable.Range(0, AddrsMessage.MostKept).Select(i => new HeardAddress((ulong)i, new PeerAddress(0, System.Net.IPAddress.Any, 1)))]);
        foreach (PeerMessage message in new PeerMessage[] { shares, addresses })
            Assert.Equal(message.ToPayload(), PeerMessage.Parse(message.Command, message.ToPayload()).ToPayload());
    }

    [Fact]
    public void Address_OfIPv4_IsShownInItsOwnForm()
    {
        var address = new PeerAddress(0, System.Net.IPAddress.Parse("203.0.113.7"), 9346);
        var writer = new ByteWriter();
        address.Write(writer);
        var reader = new ByteReader(writer.Written);
        Assert.Equal(new PeerEndpoint("203.0.113.7", 9346), PeerAddress.Read(ref reader).Endpoint);
    }
}
