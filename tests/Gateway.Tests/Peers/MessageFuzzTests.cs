using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Grainpool.Fuzz;
using Grainpool.Gateway.Peers;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Microsoft.Extensions.Logging;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// Recorded messages and shares of our own, changed a little, with right checksums and wrong ones, through whole sessions: no handling breaks down, nothing
/// becomes a share that is none, and an honest node beside them is answered. FUZZ_MESSAGES and FUZZ_SEED ask for more messages, or others.
/// </summary>
[Collection(nameof(MeasuredMemory))]
public sealed class MessageFuzzTests(ITestOutputHelper output)
{
    private const int MessagesPerConnection = 4;
    private const int Megabyte = 1024 * 1024;

    private static readonly long Inputs = Setting("FUZZ_MESSAGES", 20_000);
    private static readonly int Seed = (int)Setting("FUZZ_SEED", 35);

    [Fact]
    public async Task Messages_Changed_AreTakenOrEndTheirConnection_AndNothingBreaks()
    {
        var failures = new Failures();
        await using var node = new TestNode(settings => settings with { MostOfGroup = int.MaxValue, MostIncoming = int.MaxValue }, log: failures);
        await using var other = new TestNode();
        var shares = new List<WrappedShare>();
        for (var i = 0; i < 20; i++) shares.Add(WrappedShare.Parse((await other.MineAsync()).WireBytes.AsSpan()));
        byte[][] good = [.. Recorded(), .. Own(shares)];
        var (messages, contents) = (new Mutator(good, Seed), new Mutator([.. shares.Select(share => share.Contents.ToArray())], Seed));
        var random = new Random(Seed);
        var honest = await node.MeetAsync("198.51.100.9");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (connections, ended) = (0, 0);
        var sound = new HashSet<Hash256>();
        for (var sent = 0L; sent < Inputs; connections++)
        {
            // Whoever is banned comes back from elsewhere.
            await using var peer = node.Connect($"11.{connections >> 8 & 255}.{connections & 255}.1");
            await peer.IntroduceAsync((ulong)connections + 1000);
            for (var i = 0; i < MessagesPerConnection && !peer.Served.IsCompleted; i++, sent++)
            {
                var frame = Frame(node, Next(), rightChecksum: random.Next(20) > 0);
                sound.UnionWith(SoundShares(node, frame));
                await peer.SendAsync(frame);
            }
            if (!await StaysAsync(peer)) ended++;
            // A moment passes, so that allowances come back.
            node.Time.Advance(TimeSpan.FromSeconds(5));
        }
        await honest.SettleAsync();
        Assert.Empty(failures.Messages);
        Assert.InRange(node.Hub.Sessions.Count(), 1, 3);
        // What came through are shares that have their work: the good ones, and of the changed ones those that were lucky.
        Assert.InRange(node.Link.Count, 0, sound.Count);
        Assert.InRange(sound.Count, shares.Count, 2 * shares.Count);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 * Megabyte);
        var line = $"{Inputs} messages over {connections} connections, {ended} of them ended for it: " +
            string.Join(", ", node.Link.Offences.GroupBy(offence => offence.Fault).OrderBy(fault => fault.Key).Select(fault => $"{fault.Key} {fault.Count()}"));
        FuzzSummary.Say(output, line);
        // Or else the inputs no longer reach what they are made for.
        Assert.InRange(ended, connections / 10, connections - 1);
        Assert.Contains(node.Link.Offences, offence => offence.Fault == PeerFault.WrongChecksum);
        Assert.Contains(node.Link.Offences, offence => offence.Fault == PeerFault.ShareWork);
        Assert.Contains(node.Link.Offences, offence => offence.Fault == PeerFault.ShareTarget);

        // Something changed, a whole message with a changed share in it, or something good.
        byte[] Next() => random.Next(3) switch
        {
            0 => messages.Next(),
            1 => [(byte)PeerCommand.Shares, .. new SharesMessage([new WrappedShare(35, contents.Next())]).ToPayload()],
            _ => good[random.Next(good.Length)],
        };
    }

    // What is in a frame of sound shares, should it get as far as to be looked at.
    private static IEnumerable<Hash256> SoundShares(TestNode node, byte[] frame)
    {
        if (new PeerFrameReader(node.Network).Read(frame, out _, out var command, out var payload, out _) != FrameFinding.Message) return [];
        try
        {
            if (PeerMessage.Parse(command, payload) is not SharesMessage pushed) return [];
            var check = new ShareCheck(node.Network);
            return pushed.Shares.Select(wrapped => check.Check(wrapped, UInt256.Zero).Share).OfType<CheckedShare>()
                .Where(share => Doubles.TestWork.HashOf(share.FullHeader) <= share.Target).Select(share => share.Hash).ToList();
        }
        catch (WireFormatException)
        {
            return [];
        }
    }

    // Whoever stays is answered; how many messages before the answer does not matter.
    private static async Task<bool> StaysAsync(LegacyPeer peer)
    {
        var question = new ShareReqMessage(Hash256.FromNumber(0x7e57UL), [Hash256.FromNumber(1UL)], 0, []);
        await peer.SendAsync(question);
        while (await peer.ReceiveAsync() is { } message)
            if (message is ShareReplyMessage reply && reply.Id == question.Id) return true;
        return false;
    }

    private static IEnumerable<byte[]> Recorded()
    {
        using var json = Vectors.Json("v35-messages.json");
        foreach (var record in json.RootElement.GetProperty("messages").EnumerateArray())
        {
            var command = Enum.GetValues<PeerCommand>().Single(each => each.Name() == record.GetProperty("command").GetString());
            // A second introduction is a ban, and would be all that happens.
            if (command != PeerCommand.Version) yield return [(byte)command, .. Convert.FromHexString(record.GetProperty("payload_hex").GetString()!)];
        }
    }

    private static IEnumerable<byte[]> Own(List<WrappedShare> shares)
    {
        foreach (var share in shares) yield return [(byte)PeerCommand.Shares, .. new SharesMessage([share]).ToPayload()];
        yield return [(byte)PeerCommand.Shares, .. new SharesMessage([.. shares]).ToPayload()];
        yield return [(byte)PeerCommand.ShareReply, .. new ShareReplyMessage(Hash256.FromNumber(1UL), ShareReplyResult.Good, [.. shares]).ToPayload()];
    }

    // The first byte is the command; the rest its payload.
    private static byte[] Frame(TestNode node, byte[] input, bool rightChecksum)
    {
        var payload = input.Length == 0 ? [] : input[1..];
        var command = (PeerCommand)((input.Length == 0 ? 0 : input[0]) % Enum.GetValues<PeerCommand>().Length);
        if (command == PeerCommand.Version) command = PeerCommand.Ping;
        var name = new byte[PeerCommands.NameSize];
        Encoding.ASCII.GetBytes(command.Name(), name);
        var checksum = SHA256.HashData(SHA256.HashData(payload))[..4];
        if (!rightChecksum) checksum[0] ^= 1;
        return [.. node.Network.Prefix, .. name, .. BitConverter.GetBytes(payload.Length), .. checksum, .. payload];
    }

    private static long Setting(string name, long usual) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;

    /// <summary>Keeps what is logged as an error.</summary>
    private sealed class Failures : ILogger<PeerDesk>
    {
        private readonly Lock _lock = new();
        private readonly List<string> _messages = [];

        public IReadOnlyList<string> Messages
        {
            get
            {
                lock (_lock) return [.. _messages];
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            lock (_lock) _messages.Add($"{formatter(state, exception)} {exception}");
        }
    }
}
