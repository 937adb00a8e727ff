namespace Grainpool.P2Pool.Addresses;

/// <summary>A witness program read from a bech32 text.</summary>
/// <param name="Prefix">Part before the separator, in small letters.</param>
/// <param name="Version">Witness version, 0 to 16.</param>
/// <param name="Program">2 to 40 bytes; 20 or 32 for version 0.</param>
/// <param name="Modified">Whether the checksum is that of bech32m (BIP 350), which the legacy nodes do not understand.</param>
internal sealed record WitnessAddress(string Prefix, int Version, byte[] Program, bool Modified);

/// <summary>Bech32 (BIP 173), and so much of bech32m (BIP 350) as is needed to say why it cannot be paid.</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int MaximumLength = 90;
    private const int ChecksumLength = 6;
    private const uint PlainChecksum = 1;
    private const uint ModifiedChecksum = 0x2bc830a3;

    /// <summary>Why a text was not read.</summary>
    public enum Outcome
    {
        /// <summary>It was read.</summary>
        Decoded,

        /// <summary>Not the form of bech32 at all, or capital and small letters mixed.</summary>
        NotBech32,

        /// <summary>The form is right, the checksum is not.</summary>
        BadChecksum,

        /// <summary>Checksum right, but no witness program that BIP 173 allows.</summary>
        NotAProgram,
    }

    /// <summary>Reads a witness address.</summary>
    public static Outcome Decode(string text, out WitnessAddress? address)
    {
        address = null;
        if (text.Length > MaximumLength || text.AsSpan().ContainsAnyExceptInRange('!', '~')) return Outcome.NotBech32;
        if (text.AsSpan().ContainsAnyInRange('a', 'z') && text.AsSpan().ContainsAnyInRange('A', 'Z')) return Outcome.NotBech32;
        var small = text.ToLowerInvariant();

        var separator = small.LastIndexOf('1');
        if (separator < 1 || separator + 1 + ChecksumLength > small.Length) return Outcome.NotBech32;
        var prefix = small[..separator];
        var values = new byte[small.Length - separator - 1];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Alphabet.IndexOf(small[separator + 1 + i], StringComparison.Ordinal);
            if (value < 0) return Outcome.NotBech32;
            values[i] = (byte)value;
        }

        var checksum = Checksum(prefix, values);
        if (checksum is not (PlainChecksum or ModifiedChecksum)) return Outcome.BadChecksum;

        var data = values.AsSpan(0, values.Length - ChecksumLength);
        if (data.IsEmpty || data[0] > 16 || Regroup(data[1..]) is not { } program) return Outcome.NotAProgram;
        if (program.Length is < 2 or > 40 || (data[0] == 0 && program.Length is not (20 or 32))) return Outcome.NotAProgram;
        address = new WitnessAddress(prefix, data[0], program, checksum == ModifiedChecksum);
        return Outcome.Decoded;
    }

    /// <summary>The text of a version-0 program, as wallets write it.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> program)
    {
        var values = new List<byte> { 0 };
        int bits = 0, held = 0;
        foreach (var octet in program)
        {
            held = held << 8 | octet;
            for (bits += 8; bits >= 5; bits -= 5) values.Add((byte)(held >> (bits - 5) & 31));
        }
        if (bits > 0) values.Add((byte)(held << (5 - bits) & 31));

        var checksum = Checksum(prefix, [.. values, 0, 0, 0, 0, 0, 0]) ^ PlainChecksum;
        for (var i = 0; i < ChecksumLength; i++) values.Add((byte)(checksum >> (5 * (ChecksumLength - 1 - i)) & 31));
        return prefix + '1' + string.Concat(values.Select(value => Alphabet[value]));
    }

    // 5-bit groups to bytes; what is left over must be less than a group, and zero.
    private static byte[]? Regroup(ReadOnlySpan<byte> groups)
    {
        var bytes = new byte[groups.Length * 5 / 8];
        int bits = 0, held = 0, count = 0;
        foreach (var group in groups)
        {
            held = (held << 5 | group) & 0xfff;
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            bytes[count++] = (byte)(held >> bits);
        }
        return bits < 5 && (held & (1 << bits) - 1) == 0 ? bytes : null;
    }

    private static uint Checksum(string prefix, ReadOnlySpan<byte> values)
    {
        uint sum = 1;
        foreach (var character in prefix) sum = Step(sum, (uint)character >> 5);
        sum = Step(sum, 0);
        foreach (var character in prefix) sum = Step(sum, character & 31u);
        foreach (var value in values) sum = Step(sum, value);
        return sum;

        static uint Step(uint sum, uint value)
        {
            var top = sum >> 25;
            sum = (sum & 0x1ffffff) << 5 ^ value;
            if ((top & 1) != 0) sum ^= 0x3b6a57b2;
            if ((top & 2) != 0) sum ^= 0x26508e6d;
            if ((top & 4) != 0) sum ^= 0x1ea119fa;
            if ((top & 8) != 0) sum ^= 0x3d4233dd;
            if ((top & 16) != 0) sum ^= 0x2a1462b3;
            return sum;
        }
    }
}
