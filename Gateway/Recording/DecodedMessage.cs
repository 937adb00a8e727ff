using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Recording;

/// <summary>A message as people read it.</summary>
internal static class DecodedMessage
{
    public static void Write(Utf8JsonWriter json, PeerMessage message)
    {
        json.WriteStartObject();
        switch (message)
        {
            case VersionMessage version:
                json.WriteNumber("version", version.Version);
                json.WriteNumber("services", version.Services);
                json.WriteString("addr_to", version.To.Endpoint.ToString());
                json.WriteString("addr_from", version.From.Endpoint.ToString());
                json.WriteString("nonce", version.Nonce.ToString());
                json.WriteString("sub_version", version.SubVersion);
                json.WriteNumber("mode", version.Mode);
                json.WriteString("best_share_hash", version.BestShare.ToString());
                break;
            case AddrMeMessage own:
                json.WriteNumber("port", own.Port);
                break;
            case AddrsMessage addresses:
                json.WriteStartArray("addrs");
                foreach (var heard in addresses.Addresses) json.WriteStringValue($"{heard.Address.Endpoint} {heard.Timestamp}");
                json.WriteEndArray();
                break;
            case GetAddrsMessage wanted:
                json.WriteNumber("count", wanted.Count);
                break;
            case SharesMessage shares:
                Write(json, shares.Shares);
                break;
            case ShareReqMessage request:
                json.WriteString("id", request.Id.ToString());
                Write(json, "hashes", request.Hashes);
                json.WriteNumber("parents", request.Parents);
                Write(json, "stops", request.Stops);
                break;
            case ShareReplyMessage reply:
                json.WriteString("id", reply.Id.ToString());
                json.WriteString("result", reply.Result.ToString());
                Write(json, reply.Shares);
                break;
            case BestBlockMessage best:
                json.WriteString("hash", best.Header.Hash().ToString());
                json.WriteString("previous_block", best.Header.PreviousBlock.ToString());
                break;
            case HaveTxMessage have:
                Write(json, "tx_hashes", have.Transactions);
                break;
            case LosingTxMessage losing:
                Write(json, "tx_hashes", losing.Transactions);
                break;
            case RememberTxMessage remember:
                Write(json, "tx_hashes", remember.Known);
                Write(json, "txs", [.. remember.Transactions.Select(transaction => Transaction.Parse(transaction.Span).Id())]);
                break;
            case ForgetTxMessage forget:
                Write(json, "tx_hashes", forget.Transactions);
                break;
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ImmutableArray<WrappedShare> shares)
    {
        json.WriteStartArray("shares");
        foreach (var share in shares) json.WriteStringValue($"type {share.Type}, {share.Contents.Length} bytes");
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<Hash256> hashes)
    {
        json.WriteStartArray(name);
        foreach (var hash in hashes) json.WriteStringValue(hash.ToString());
        json.WriteEndArray();
    }
}
