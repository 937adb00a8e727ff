using System.Text;
using CsCheck;
using Grainpool.Hosting.Configuration;

namespace Grainpool.Hosting.Tests.Configuration;

public sealed class YamlReaderTests
{
    [Fact]
    public void Values_OfEveryShape_AreReadByPath()
    {
        var settings = Read("""
            pool:
              network: devnet
            daemons:
              - url: http://127.0.0.1:5888
                user: "a: b # c"
              - url: http://192.0.2.7:5888
            stratum: { address: '*', port: 9172 }
            logging:
              logLevel:
                Grainpool.Gateway: debug
            """);

        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["pool:network"] = "devnet",
                ["daemons:0:url"] = "http://127.0.0.1:5888",
                ["daemons:0:user"] = "a: b # c",
                ["daemons:1:url"] = "http://192.0.2.7:5888",
                ["stratum:address"] = "*",
                ["stratum:port"] = "9172",
                ["logging:logLevel:Grainpool.Gateway"] = "debug",
            },
            settings.Values.ToDictionary());
        Assert.Equal(5, settings.Lines["daemons:0:user"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but words\n")]
    [InlineData("---\n")]
    [InlineData("pool:\ndaemons:\n")]
    [InlineData("pool: ~\ndaemons: []\nstratum: {}\n")]
    [InlineData("pool:\n  payoutAddress:\n  feePercent: null\n")]
    public void Values_NotGiven_AreLeftToTheDefaults(string text) => Assert.Empty(Read(text).Values);

    [Fact]
    public void Value_QuotedAndEmpty_IsAnEmptyText() => Assert.Equal("", Read("pool:\n  payoutAddress: ''\n").Values["pool:payoutAddress"]);

    [Fact]
    public void Path_Relative_CountsFromTheFolderOfTheFile()
    {
        Assert.Equal("/etc/grainpool/data", Read("pool:\n  dataFolder: data\n").Values["pool:dataFolder"]);
        Assert.Equal("/var/pool", Read("pool:\n  dataFolder: ../../var/pool\n").Values["pool:dataFolder"]);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Path.Combine(home, ".vertcoin/.cookie"), Read("daemons:\n  - cookieFile: ~/.vertcoin/.cookie\n").Values["daemons:0:cookieFile"]);
    }

    [Theory]
    [InlineData("stratm:\n  port: 1\n", 1, "stratm is not a known key; did you mean stratum?")]
    [InlineData("stratum:\n  adress: 0.0.0.0\n", 2, "stratum:adress is not a known key; did you mean address?")]
    [InlineData("daemons:\n  - url: http://x\n    pasword: geheim\n", 3, "daemons:0:pasword is not a known key; did you mean password?")]
    [InlineData("spool:\n  wherever: x\n", 2, "spool:wherever is not a known key; known here are compactMegabytes, folder, fullMegabytes.")]
    [InlineData("stratum:port: 9171\n", 1, "stratum:port is not a known key; known here are admin, cluster, daemons, logging, patience, peers, pool, spool, storage, stratum, verthash.")]
    [InlineData("\n\nstratum:\n  port: 9171x\n", 4, "stratum:port is '9171x'; allowed is a whole number from 0 to 65535.")]
    [InlineData("stratum:\n  port: 70000\n", 2, "stratum:port is '70000'; allowed is a whole number from 0 to 65535.")]
    [InlineData("stratum:\n  port: -1\n", 2, "stratum:port is '-1'; allowed is a whole number from 0 to 65535.")]
    [InlineData("stratum:\n  port: 9171.5\n", 2, "stratum:port is '9171.5'; allowed is a whole number from 0 to 65535.")]
    [InlineData("stratum:\n  port: [9171]\n", 2, "stratum:port is a list; allowed is a whole number from 0 to 65535.")]
    [InlineData("stratum:\n  port:\n    number: 9171\n", 3, "stratum:port is a section of keys; allowed is a whole number from 0 to 65535.")]
    [InlineData("patience: 30\n", 1, "patience is '30'; allowed are keys of it, indented below: onOldTipSeconds, withoutConfirmationSeconds, withoutSilosSeconds, withoutWorkSeconds.")]
    [InlineData("stratum:\n  startDifficulty: hard\n", 2, "stratum:startDifficulty is 'hard'; allowed is a number from 0.000001 to 1000000000.")]
    [InlineData("stratum:\n  startDifficulty: 1e3\n", 2, "stratum:startDifficulty is '1e3'; allowed is a number from 0.000001 to 1000000000.")]
    [InlineData("stratum:\n  address: localhost\n", 2, "stratum:address is 'localhost'; allowed is an IP address of this machine, or * for all of them.")]
    [InlineData("cluster:\n  advertisedAddress: 0.0.0.0\n", 2, "cluster:advertisedAddress is '0.0.0.0'; allowed is an IP address of this machine.")]
    [InlineData("storage:\n  kind: aws\n", 2, "storage:kind is 'aws'; allowed is azure or file.")]
    [InlineData("pool:\n  network: vertcion\n", 2, "pool:network is 'vertcion'; allowed is vertcoin or devnet.")]
    [InlineData("pool:\n  network: vertcoin-classic\n", 2, "pool:network is 'vertcoin-classic'; allowed is vertcoin or devnet.")]
    [InlineData("daemons:\n  url: http://x\n", 2, "daemons is a section of keys; allowed is a list, each of its items below with a dash before it.")]
    [InlineData("daemons:\n  - http://x\n", 2, "daemons:0 is 'http://x'; allowed are keys of it, indented below: cookieFile, password, url, user.")]
    [InlineData("daemons:\n  - url: 127.0.0.1:5888\n", 2, "daemons:0:url is '127.0.0.1:5888'; allowed is an http or https address such as http://127.0.0.1:5888.")]
    [InlineData("logging:\n  logLevel:\n    default: loud\n", 3, "logging:logLevel:default is 'loud'; allowed is trace, debug, information, warning, error, critical or none.")]
    [InlineData("stratum:\n  port: 1\nspool:\n  folder: a\nstratum:\n  port: 2\n", 5, "the file has the key 'stratum' twice; allowed is once.")]
    [InlineData("stratum:\n  port: 1\n  Port: 2\n", 3, "stratum has the key 'Port' twice; allowed is once.")]
    [InlineData("- stratum\n", 1, "the file is a list; allowed are keys of it, indented below: admin, cluster, daemons, logging, patience, peers, pool, spool, storage, stratum, verthash.")]
    [InlineData("spool: &a\n  folder: x\n", 1, "&a is an anchor; allowed are plain values.")]
    [InlineData("spool: *a\n", 1, "*a is an alias; write the value itself.")]
    [InlineData("stratum:\n  port: !!str 9171\n", 2, "tag:yaml.org,2002:str is a tag; allowed are plain values.")]
    [InlineData("pool:\n  network: devnet\n---\npool:\n", 3, "is a second document; allowed is one.")]
    public void File_WithOneThingWrong_IsRefusedNamingLineKeyValueAndWhatIsAllowed(string text, int line, string expected)
    {
        Assert.False(YamlReader.TryRead(Encoding.UTF8.GetBytes(text), "/etc/grainpool", out _, out var problem));
        Assert.Equal(expected, problem!.Text);
        Assert.Equal(line, problem.Line);
    }

    [Theory]
    [InlineData("stratum:\n\tport: 1\n", 2)]
    [InlineData("stratum:\n  port: 'unclosed\n", 3)]
    [InlineData("stratum: {port: 1\n", 2)]
    [InlineData("pool: a: b\n", 1)]
    public void File_ThatIsNotYaml_IsRefusedWithALineInOneLine(string text, int line)
    {
        Assert.False(YamlReader.TryRead(Encoding.UTF8.GetBytes(text), "/", out _, out var problem));
        Assert.StartsWith("is not YAML: ", problem!.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Text);
        Assert.InRange(problem.Line, line - 1, line);
    }

    [Fact]
    public void File_OfOneByteTooMany_IsRefused()
    {
        var bytes = Enumerable.Repeat((byte)'\n', YamlReader.MaximumBytes + 1).ToArray();
        Assert.False(YamlReader.TryRead(bytes, "/", out _, out var problem));
        Assert.Equal("has 262145 bytes; allowed are at most 262144.", problem!.Text);
        Assert.True(YamlReader.TryRead(bytes.AsSpan(1), "/", out _, out _));
    }

    [Fact]
    public void File_ThatIsNotText_IsRefused()
    {
        Assert.False(YamlReader.TryRead([0x70, 0xff, 0xfe], "/", out _, out var problem));
        Assert.Equal("is not UTF-8 text.", problem!.Text);
    }

    [Fact]
    public void Secret_OfTheWrongKind_IsNotShown()
    {
        Assert.False(YamlReader.TryRead("daemons:\n  - password: \"top\\u0001secret\"\n"u8, "/", out _, out var problem));
        Assert.DoesNotContain("secret", problem!.Text, StringComparison.Ordinal);
        Assert.Contains("daemons:0:password is (not shown)", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void File_NestedWithoutEnd_IsRefusedAtTheFirstPlaceThatHasNoRoom()
    {
        Assert.False(YamlReader.TryRead(Encoding.UTF8.GetBytes("pool: " + new string('[', 100_000)), "/", out _, out var problem));
        Assert.Equal(1, problem!.Line);
    }

    [Fact]
    public void AnyBytes_AreReadOrRefused_ButNeverCrash()
    {
        var pieces = Gen.OneOf(new[] { "pool", "stratum", "daemons", "port", ":", ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", "'", "\"", "&a", "*a", "!!t", "|", ">", "?", ",", "#", "9", "%", "\t", "\u0000", "---\n", "...\n" }.Select(Gen.Const).ToArray());
        pieces.List[0, 24].Sample(list =>
        {
            var taken = YamlReader.TryRead(Encoding.UTF8.GetBytes(string.Concat(list)), "/", out _, out var problem);
            return taken == (problem is null) && problem?.Text.Contains('\n', StringComparison.Ordinal) != true;
        });
    }

    private static YamlSettings Read(string text)
    {
        Assert.True(YamlReader.TryRead(Encoding.UTF8.GetBytes(text), "/etc/grainpool", out var settings, out var problem), problem?.Text);
        return settings;
    }
}
