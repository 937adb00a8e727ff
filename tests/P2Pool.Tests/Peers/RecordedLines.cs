using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Classic;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Tests.Shares;

namespace Grainpool.P2Pool.Tests.Peers;

/// <summary>
/// Messages that running nodes sent and received, one record each: the bytes and what their recorder made of them. Who sent it when is the
/// conversation's matter and not looked at here.
/// </summary>
internal static class RecordedLines
{
    private static readonly Dictionary<string, ShareReplyResult> Results = new() { ["good"] = ShareReplyResult.Good, ["too long"] = ShareReplyResult.TooLong };

    /// <summary>The parts of a record that the bytes of its message prove, each passing its check. A record without a whole message has none.</summary>
    public static IEnumerable<GoldenPart> Parts(NetworkParameters network, JsonElement record, string path = "")
    {
        if (!record.TryGetProperty("hex", out var hex) || TryRead(network, hex) is not { } message) yield break;
        foreach (var part in All(network, record, path, message))
        {
            part.Check(part.Value);
            yield return part;
        }
    }

    /// <summary>The message of a record that must hold one.</summary>
    public static PeerMessage Message(NetworkParameters network, JsonElement record) =>
        TryRead(network, record.GetProperty("hex")) ?? throw new FormatException("no whole message");

    private static IEnumerable<GoldenPart> All(NetworkParameters network, JsonElement record, string path, PeerMessage message)
    {
        var payload = message.ToPayload();
        foreach (var member in record.EnumerateObject())
        {
            if (member.Name == "decoded")
            {
                foreach (var part in Decoded(network, member.Value, JsonLeaf.Joined(path, "decoded"), message)) yield return part;
                continue;
            }
            Action<JsonElement>? check = member.Name switch
            {
                "hex" => value => value.IsHexOf(PeerFrame.Write(network, message)),
                "command" => value => Assert.Equal(message.Command.Name(), value.GetString()),
                "len" => value => Assert.Equal(PeerFrame.HeaderSize + payload.Length, value.GetInt32()),
                "length" => value => Assert.Equal(payload.Length, value.GetInt32()),
                "checksum_ok" => value => Assert.True(value.GetBoolean()),
                _ => null,
            };
            if (check is not null) yield return new GoldenPart(JsonLeaf.Joined(path, member.Name), member.Value, check);
        }
    }

    // Its bytes when they are one whole message that gives the same bytes back.
    private static PeerMessage? TryRead(NetworkParameters network, JsonElement hex)
    {
        if (hex.GetString()!.Length % 2 != 0 || !hex.GetString()!.All(char.IsAsciiHexDigit)) return null;
        var frame = Convert.FromHexString(hex.GetString()!);
        if (new PeerFrameReader(network).Read(frame, out var consumed, out var command, out var payload, out _) != FrameFinding.Message || consumed != frame.Length) return null;
        try
        {
            var message = PeerMessage.Parse(command, payload);
            return PeerFrame.Write(network, message).AsSpan().SequenceEqual(frame) ? message : null;
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    private static IEnumerable<GoldenPart> Decoded(NetworkParameters network, JsonElement decoded, string path, PeerMessage message)
    {
        // The recorders gave up on very long messages.
        if (decoded.ValueKind != JsonValueKind.Object) yield break;
        foreach (var member in decoded.EnumerateObject())
        {
            var checks = Checks(network, message, member.Name);
            var here = JsonLeaf.Joined(path, member.Name);
            if (member.Value.ValueKind != JsonValueKind.Array)
            {
                yield return new GoldenPart(here, member.Value, Assert.Single(checks));
                continue;
            }
            Assert.Equal(member.Value.GetArrayLength(), checks.Count);
            foreach (var (item, check) in member.Value.EnumerateArray().Zip(checks)) yield return new GoldenPart(here + ".#", item, check);
        }
    }

    private static List<Action<JsonElement>> Checks(NetworkParameters network, PeerMessage message, string member) => (message, member) switch
    {
        (VersionMessage version, "version") => [Is(version.Version)],
        (VersionMessage version, "services") => [Is(version.Services)],
        (VersionMessage version, "addr_to") => [value => CheckAddress(value, version.To)],
        (VersionMessage version, "addr_from") => [value => CheckAddress(value, version.From)],
        (VersionMessage version, "nonce") => [value => CheckNonce(value, version.Nonce)],
        (VersionMessage version, "sub_version") => [value => Assert.Equal(version.SubVersion, value.GetString())],
        (VersionMessage version, "mode") => [Is(version.Mode)],
        (VersionMessage version, "best_share_hash") => [Is(version.BestShare)],
        (AddrMeMessage me, "port") => [Is(me.Port)],
        (AddrsMessage addrs, "addrs") => [.. addrs.Addresses.Select<HeardAddress, Action<JsonElement>>(heard => value => CheckHeard(value, heard))],
        (GetAddrsMessage request, "count") => [Is(request.Count)],
        (SharesMessage shares, "shares") => [.. shares.Shares.Select(share => CheckOf(network, share))],
        (ShareReqMessage request, "id") => [Is(request.Id)],
        (ShareReqMessage request, "hashes") => Are(request.Hashes),
        (ShareReqMessage request, "parents") => [Is(request.Parents)],
        (ShareReqMessage request, "stops") => Are(request.Stops),
        (ShareReplyMessage reply, "id") => [Is(reply.Id)],
        (ShareReplyMessage reply, "result") => [value => Assert.Equal(reply.Result, Results[value.GetString()!])],
        (ShareReplyMessage reply, "shares") => [.. reply.Shares.Select(share => CheckOf(network, share))],
        (BestBlockMessage best, "header") => [value => CheckHeader(value, best.Header)],
        (BestBlockMessage best, "header_hex") => [value => value.IsHexOf(best.Header.ToBytes())],
        (BestBlockMessage best, "hash") => [Is(best.Header.Hash())],
        (HaveTxMessage have, "tx_hashes") => Are(have.Transactions),
        (LosingTxMessage losing, "tx_hashes") => Are(losing.Transactions),
        (ForgetTxMessage forget, "tx_hashes") => Are(forget.Transactions),
        (RememberTxMessage remember, "tx_hashes") => Are(remember.Known),
        (RememberTxMessage remember, "txs") =>
            [.. remember.Transactions.Select<ReadOnlyMemory<byte>, Action<JsonElement>>(transaction => value => CheckTransaction(value, Transaction.Parse(transaction.Span)))],
        _ => throw new FormatException($"{message.Command} {member}"),
    };

    private static Action<JsonElement> Is(ulong expected) => value => Assert.Equal(expected, (ulong)value.AsDecimal());

    private static Action<JsonElement> Is(Hash256 expected) => value => Assert.Equal(expected, value.AsHash());

    private static List<Action<JsonElement>> Are(IEnumerable<Hash256> expected) => [.. expected.Select(Is)];

    // Sixteen digits of hex, or a decimal number.
    private static void CheckNonce(JsonElement value, ulong nonce)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        Assert.Contains(text, (string[])[nonce.ToString("x16", CultureInfo.InvariantCulture), nonce.ToString(CultureInfo.InvariantCulture)]);
    }

    private static void CheckAddress(JsonElement recorded, PeerAddress address)
    {
        Assert.Equal(recorded.GetProperty("services").GetUInt64(), address.Services);
        Assert.Equal((recorded.Text("address"), recorded.GetProperty("port").GetInt32()), (Text(address), address.Port));
    }

    /// <summary>An address as the nodes write it: all bytes of what is no IPv4 address.</summary>
    public static string Text(PeerAddress address) => address.Address.IsIPv4MappedToIPv6
        ? address.Endpoint.Host
        : string.Join(':', address.Address.GetAddressBytes().Chunk(2).Select(pair => Convert.ToHexStringLower(pair)));

    private static void CheckHeard(JsonElement recorded, HeardAddress heard)
    {
        Assert.Equal(recorded.GetProperty("timestamp").GetUInt64(), heard.Timestamp);
        CheckAddress(recorded.GetProperty("address"), heard.Address);
    }

    private static void CheckHeader(JsonElement recorded, BlockHeader header) => Assert.Equal(
        new BlockHeader(
            recorded.GetProperty("version").GetUInt32(),
            recorded.Hash("previous_block"),
            recorded.Hash("merkle_root"),
            recorded.GetProperty("timestamp").GetUInt32(),
            recorded.Bits("bits"),
            recorded.GetProperty("nonce").GetUInt32()),
        header);

    private static void CheckTransaction(JsonElement recorded, Transaction transaction)
    {
        if (recorded.TryGetProperty("hex", out var hex))
        {
            hex.IsHexOf(transaction.ToBytes());
            Assert.Equal((recorded.Hash("hash"), recorded.Hash("txid")), (transaction.WitnessId(), transaction.Id()));
            return;
        }
        Assert.Equal((recorded.GetProperty("version").GetUInt32(), recorded.GetProperty("lock_time").GetUInt32()), (transaction.Version, transaction.LockTime));
        Assert.Equal(transaction.HasWitness, recorded.TryGetProperty("flag", out var flag));
        if (transaction.HasWitness) Assert.Equal((1, 0), (flag.GetInt32(), recorded.GetProperty("marker").GetInt32()));
        Assert.Equal(
            recorded.GetProperty("tx_ins").EnumerateArray().Select(input => (
                input.GetProperty("previous_output").Hash("hash"), input.GetProperty("previous_output").GetProperty("index").GetUInt32(), Bytes(input.GetProperty("script")), Sequence(input))),
            transaction.Inputs.Select(input => (input.Previous.Transaction, input.Previous.Index, Convert.ToHexStringLower(input.Script.AsSpan()), input.Sequence)));
        Assert.Equal(
            recorded.GetProperty("tx_outs").EnumerateArray().Select(output => (output.GetProperty("value").GetUInt64(), Bytes(output.GetProperty("script")))),
            transaction.Outputs.Select(output => (output.Value, Convert.ToHexStringLower(output.Script.AsSpan()))));
        if (recorded.TryGetProperty("witness", out var witness))
            Assert.Equal(
                witness.EnumerateArray().Select(input => string.Join(' ', input.EnumerateArray().Select(Bytes))),
                transaction.Inputs.Select(input => string.Join(' ', input.Witness.Select(item => Convert.ToHexStringLower(item.AsSpan())))));
    }

    private static uint Sequence(JsonElement input) => input.GetProperty("sequence") is { ValueKind: JsonValueKind.Number } number ? number.GetUInt32() : uint.MaxValue;

    // Bytes that read as text stand as text, others as hex.
    private static string Bytes(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value.Text("hex")
        : Convert.ToHexStringLower(System.Text.Encoding.Latin1.GetBytes(value.GetString()!));

    private static Action<JsonElement> CheckOf(NetworkParameters network, WrappedShare wrapped)
    {
        // Of a broken share only the bytes are recorded.
        var share = new ShareCheck(network).Check(wrapped, UInt256.Zero).Share;
        return value => CheckShare(value, wrapped, share);
    }

    private static void CheckShare(JsonElement recorded, WrappedShare wrapped, CheckedShare? taken)
    {
        Assert.Equal(recorded.GetProperty("type").GetUInt64(), wrapped.Type);
        if (recorded.TryGetProperty("contents", out var contents))
        {
            if (contents.TryGetProperty("hex", out var hex)) hex.IsHexOf(wrapped.Contents.Span);
            else ClassicLiveChain.CheckFields(contents, taken!.Share);
            return;
        }
        var info = taken!.Share.Info;
        Assert.Equal(recorded.Hash("hash"), taken.Hash);
        Assert.Equal(recorded.GetProperty("absheight").GetUInt32(), info.AbsoluteHeight);
        Assert.Equal(recorded.Text("address"), info.Address);
        Assert.Equal(recorded.Bits("bits"), info.Bits);
        Assert.Equal(recorded.Hash("previous"), info.PreviousShare);
        Assert.Equal(recorded.GetProperty("timestamp").GetUInt32(), info.Timestamp);
        Assert.Equal(ChainVectorTests.Stale(recorded.GetProperty("stale_info")), info.StaleInfo);
        Assert.Equal(recorded.GetProperty("bytes").GetInt32(), wrapped.Contents.Length);
    }
}
