using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Peers;

/// <summary>Messages as v35-messages describes them, made from the descriptions alone.</summary>
internal static class RecordedMessages
{
    /// <summary>Makes the message from its description, and reads it back.</summary>
    public static void Check(JsonElement record)
    {
        var message = Described(record.Text("command"), record.GetProperty("fields"));
        Assert.Equal(record.Text("command"), message.Command.Name());
        var payload = record.Hex("payload_hex");
        Assert.Equal(payload, message.ToPayload());
        var frame = record.Hex("frame_hex");
        Assert.Equal(frame, PeerFrame.Write(KnownNetworks.Vertcoin, message));

        var finding = new PeerFrameReader(KnownNetworks.Vertcoin).Read(frame, out var consumed, out var command, out var found, out _);
        Assert.Equal((FrameFinding.Message, frame.Length, message.Command), (finding, consumed, command));
        Assert.Equal(payload, PeerMessage.Parse(command, found).ToPayload());
    }

    /// <summary>The hashes by which messages name transactions.</summary>
    public static void CheckHashes(JsonElement note)
    {
        var transaction = Transaction.Parse(note.Hex("tx_hex"));
        Assert.Equal(note.Hex("tx_hex"), transaction.ToBytes());
        Assert.Equal(note.Hash("hash_of_full_serialisation"), transaction.WitnessId());
        Assert.Equal(note.Hash("wtxid"), transaction.WitnessId());
        Assert.Equal(note.Hash("txid"), transaction.Id());
    }

    private static PeerMessage Described(string command, JsonElement fields) => command switch
    {
        "version" => new VersionMessage(
            fields.GetProperty("version").GetUInt32(),
            fields.GetProperty("services").GetUInt64(),
            Address(fields.GetProperty("addr_to")),
            Address(fields.GetProperty("addr_from")),
            Number64(fields.GetProperty("nonce")),
            fields.Text("sub_version"),
            fields.GetProperty("mode").GetUInt32(),
            HashOf(fields.GetProperty("best_share_hash"))),
        "ping" => new PingMessage(),
        "addrme" => new AddrMeMessage(fields.GetProperty("port").GetUInt16()),
        "addrs" => new AddrsMessage(
        [
            .. fields.GetProperty("addrs").EnumerateArray()
                .Select(each => new HeardAddress(each.GetProperty("timestamp").GetUInt64(), Address(each.GetProperty("address")))),
        ]),
        "getaddrs" => new GetAddrsMessage(fields.GetProperty("count").GetUInt32()),
        "shares" => new SharesMessage(Shares(fields)),
        "sharereq" => new ShareReqMessage(
            HashOf(fields.GetProperty("id")), Hashes(fields, "hashes"), fields.GetProperty("parents").GetUInt64(), Hashes(fields, "stops")),
        "sharereply" => new ShareReplyMessage(
            HashOf(fields.GetProperty("id")),
            fields.Text("result") switch
            {
                "good" => ShareReplyResult.Good,
                "too long" => ShareReplyResult.TooLong,
                var other => throw new FormatException(other),
            },
            Shares(fields)),
        "bestblock" => new BestBlockMessage(Header(fields.GetProperty("header"))),
        "have_tx" => new HaveTxMessage(Hashes(fields, "tx_hashes")),
        "losing_tx" => new LosingTxMessage(Hashes(fields, "tx_hashes")),
        "remember_tx" => new RememberTxMessage(Hashes(fields, "tx_hashes"), [.. fields.GetProperty("txs").EnumerateArray().Select(Transactions).Select(transaction => (ReadOnlyMemory<byte>)transaction.ToBytes())]),
        "forget_tx" => new ForgetTxMessage(Hashes(fields, "tx_hashes")),
        _ => throw new FormatException(command),
    };

    private static PeerAddress Address(JsonElement address) => new(
        address.GetProperty("services").GetUInt64(), IPAddress.Parse(address.Text("address")), address.GetProperty("port").GetUInt16());

    // Small numbers stand as numbers, greater ones as hex.
    private static Hash256 HashOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Hash256.Zero,
        JsonValueKind.Number => Hash256.FromNumber(value.GetUInt64()),
        _ => Hash256.Parse(value.GetString()),
    };

    private static ulong Number64(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetUInt64() : ulong.Parse(value.GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static uint Number32(JsonElement value) => checked((uint)Number64(value));

    private static ImmutableArray<Hash256> Hashes(JsonElement fields, string name) => [.. fields.GetProperty(name).EnumerateArray().Select(HashOf)];

    private static ImmutableArray<WrappedShare> Shares(JsonElement fields) =>
        fields.GetProperty("shares").GetArrayLength() == 0 ? [] : throw new FormatException("shares are not described");

    private static BlockHeader Header(JsonElement header) => new(
        header.GetProperty("version").GetUInt32(),
        HashOf(header.GetProperty("previous_block")),
        HashOf(header.GetProperty("merkle_root")),
        header.GetProperty("timestamp").GetUInt32(),
        header.Bits("bits"),
        header.GetProperty("nonce").GetUInt32());

    private static Transaction Transactions(JsonElement described)
    {
        var witnesses = described.TryGetProperty("witness", out var all) ? all.EnumerateArray().Select(Items).ToList() : [];
        if (described.TryGetProperty("flag", out var flag)) Assert.Equal((0, 1), (described.GetProperty("marker").GetInt32(), flag.GetInt32()));
        return new Transaction(
            described.GetProperty("version").GetUInt32(),
            [
                .. described.GetProperty("tx_ins").EnumerateArray().Select((input, i) => new TransactionInput(
                    new OutPoint(HashOf(input.GetProperty("previous_output").GetProperty("hash")), input.GetProperty("previous_output").GetProperty("index").GetUInt32()),
                    Text(input.GetProperty("script")),
                    input.GetProperty("sequence").ValueKind == JsonValueKind.Null ? uint.MaxValue : Number32(input.GetProperty("sequence")),
                    i < witnesses.Count ? witnesses[i] : [])),
            ],
            [.. described.GetProperty("tx_outs").EnumerateArray().Select(output => new TransactionOutput(output.GetProperty("value").GetUInt64(), Text(output.GetProperty("script"))))],
            described.GetProperty("lock_time").GetUInt32());
    }

    private static ImmutableArray<ImmutableArray<byte>> Items(JsonElement witness) => [.. witness.EnumerateArray().Select(Text)];

    // Bytes that read as text stand as text, unless that would read as hex.
    private static ImmutableArray<byte> Text(JsonElement value)
    {
        var text = value.GetString()!;
        return text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
            ? [.. Convert.FromHexString(text)]
            : [.. System.Text.Encoding.Latin1.GetBytes(text)];
    }
}
