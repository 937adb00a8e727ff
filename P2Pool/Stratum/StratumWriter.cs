using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Stratum;

/// <summary>Writes lines to miners, each with its end.</summary>
/// <remarks>
/// Answers have id, result and error, always all three: a miner takes a missing result for no answer. Notifications have id null.
/// An error is a list of code, text and null, the only form whose text miners show.
/// </remarks>
public static class StratumWriter
{
    // Texts are shown as they are by the miners, and never end up in a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Answers with true or false and without an error.</summary>
    public static void Result(IBufferWriter<byte> output, StratumId id, bool result)
    {
        output.Write("{\"id\":"u8);
        output.Write(id.Text);
        output.Write(result ? ",\"result\":true,\"error\":null}\n"u8 : ",\"result\":false,\"error\":null}\n"u8);
    }

    /// <summary>Answers with an error; the result is false, which every miner understands.</summary>
    public static void Error(IBufferWriter<byte> output, StratumId id, StratumError error)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            WriteId(json, id);
            json.WriteBoolean("result", false);
            json.WriteStartArray("error");
            json.WriteNumberValue((int)error.Code);
            json.WriteStringValue(error.Text);
            json.WriteNullValue();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        End(output);
    }

    /// <summary>Answers a subscription: the session, where the extranonce begins, and how many bytes of it are the miner's.</summary>
    public static void Subscribed(IBufferWriter<byte> output, StratumId id, string sessionId, uint extranonce1, int extranonce2Size)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, extranonce1);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            WriteId(json, id);
            json.WriteStartArray("result");
            json.WriteStartArray();
            WriteSubscription(json, "mining.set_difficulty", sessionId);
            WriteSubscription(json, "mining.notify", sessionId);
            json.WriteEndArray();
            json.WriteStringValue(Convert.ToHexStringLower(bytes));
            json.WriteNumberValue(extranonce2Size);
            json.WriteEndArray();
            json.WriteNull("error");
            json.WriteEndObject();
        }
        End(output);
    }

    /// <summary>Answers with a text.</summary>
    public static void Text(IBufferWriter<byte> output, StratumId id, string text)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            WriteId(json, id);
            json.WriteString("result", text);
            json.WriteNull("error");
            json.WriteEndObject();
        }
        End(output);
    }

    /// <summary>Answers <c>mining.configure</c>: of each extension whether it is used (spec: BIP 310).</summary>
    /// <param name="output">Where to.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="versionMask">Version bits that may be rolled; 0 when none may.</param>
    /// <param name="minimumDifficulty">Whether the miner's least difficulty is kept to.</param>
    public static void Configured(IBufferWriter<byte> output, ConfigureRequest request, uint versionMask, bool minimumDifficulty)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            WriteId(json, request.Id);
            json.WriteStartObject("result");
            foreach (var extension in request.Extensions)
            {
                switch (extension)
                {
                    case VersionRolling.Extension:
                        json.WriteBoolean(extension, versionMask != 0);
                        if (versionMask != 0) json.WriteString("version-rolling.mask", versionMask.ToString("x8", CultureInfo.InvariantCulture));
                        break;
                    case "minimum-difficulty":
                        json.WriteBoolean(extension, minimumDifficulty);
                        break;
                    // It would be told, were the extranonce ever to change.
                    case "subscribe-extranonce":
                        json.WriteBoolean(extension, true);
                        break;
                    default:
                        json.WriteBoolean(extension, false);
                        break;
                }
            }
            json.WriteEndObject();
            json.WriteNull("error");
            json.WriteEndObject();
        }
        End(output);
    }

    /// <summary>Shows the person at the miner a sentence.</summary>
    public static void ShowMessage(IBufferWriter<byte> output, string text) => Call(output, "client.show_message", json => json.WriteStringValue(text));

    /// <summary>Sends the miner to another server.</summary>
    public static void Reconnect(IBufferWriter<byte> output, string host, int port) => Call(output, "client.reconnect", json =>
    {
        json.WriteStringValue(host);
        // As a text: the miners in use read both, others only this.
        json.WriteStringValue(port.ToString(CultureInfo.InvariantCulture));
        json.WriteNumberValue(1);
    });

    /// <summary>Asks a miner that did not say so which program it is; only a request with an id is answered.</summary>
    public static void AskVersion(IBufferWriter<byte> output, int id)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("method", "client.get_version");
            json.WriteStartArray("params");
            json.WriteEndArray();
            json.WriteEndObject();
        }
        End(output);
    }

    /// <summary>Sets the difficulty of the jobs that follow; the running job keeps its own.</summary>
    public static void SetDifficulty(IBufferWriter<byte> output, double difficulty) =>
        Call(output, "mining.set_difficulty", json => json.WriteNumberValue(difficulty));

    /// <summary>Gives a job.</summary>
    public static void Notify(IBufferWriter<byte> output, in StratumNotify job)
    {
        Span<byte> word = stackalloc byte[4];
        Span<byte> hash = stackalloc byte[Hash256.Size];
        output.Write("{\"id\":null,\"method\":\"mining.notify\",\"params\":[\""u8);
        Span<byte> id = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(id, job.Job.Value);
        Hex(output, id);
        output.Write("\",\""u8);
        job.PreviousBlock.CopyTo(hash);
        // Each 4-byte group is reversed, as miners read the field as eight big-endian words.
        for (var i = 0; i < Hash256.Size; i += 4) hash.Slice(i, 4).Reverse();
        Hex(output, hash);
        output.Write("\",\""u8);
        Hex(output, job.Coinbase1.Span);
        output.Write("\",\""u8);
        Hex(output, job.Coinbase2.Span);
        output.Write("\",["u8);
        for (var i = 0; i < job.Branch.Length; i++)
        {
            output.Write(i == 0 ? "\""u8 : ",\""u8);
            job.Branch[i].CopyTo(hash);
            Hex(output, hash);
            output.Write("\""u8);
        }
        output.Write("],\""u8);
        BinaryPrimitives.WriteUInt32BigEndian(word, job.Version);
        Hex(output, word);
        output.Write("\",\""u8);
        BinaryPrimitives.WriteUInt32BigEndian(word, job.Bits.Bits);
        Hex(output, word);
        output.Write("\",\""u8);
        BinaryPrimitives.WriteUInt32BigEndian(word, job.Time);
        Hex(output, word);
        output.Write(job.Clean ? "\",true]}\n"u8 : "\",false]}\n"u8);
    }

    private static void Call(IBufferWriter<byte> output, string method, Action<Utf8JsonWriter> parameters)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNull("id");
            json.WriteString("method", method);
            json.WriteStartArray("params");
            parameters(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        End(output);
    }

    private static void WriteSubscription(Utf8JsonWriter json, string method, string sessionId)
    {
        json.WriteStartArray();
        json.WriteStringValue(method);
        json.WriteStringValue(sessionId);
        json.WriteEndArray();
    }

    private static void WriteId(Utf8JsonWriter json, StratumId id)
    {
        json.WritePropertyName("id"u8);
        // It was read as JSON by the reader, and goes back as it came.
        json.WriteRawValue(id.Text, skipInputValidation: true);
    }

    private static void Hex(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        const int piece = 2048;
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(piece, bytes.Length)..])
        {
            var part = bytes[..Math.Min(piece, bytes.Length)];
            Convert.TryToHexStringLower(part, output.GetSpan(2 * part.Length), out var written);
            output.Advance(written);
        }
    }

    private static void End(IBufferWriter<byte> output) => output.Write("\n"u8);
}
