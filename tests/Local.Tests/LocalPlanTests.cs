using Grainpool.Hosting.Settings;
using Grainpool.Local.Parts;

namespace Grainpool.Local.Tests;

public sealed class LocalPlanTests
{
    private static readonly LocalSettings Plain = new(Storage: null, Silos: 1, FullVerthash: false, Miners: 2, DataFolder: null, PortOffset: 0, Join: null, Overrides: []);

    private static readonly LocalFacts NoDaemon = new(
        "vertcoin", "/pool", "/elsewhere/verthash.dat", VerthashOptions.FullIndex, HasDaemon: false, WorkerPort: 9171, SiloPort: 11111, GatewayPort: 30000,
        SiloAdminPort: 9180, GatewayAdminPort: 9190, PeerPort: 9346, UsesEmulator: true);

    private static readonly LocalFacts Daemon = NoDaemon with { HasDaemon = true };

    [Fact]
    public void DataFile_WithADaemon_IsTheConfiguredOne()
    {
        var plan = Decide(Plain, Daemon);
        Assert.Equal("/elsewhere/verthash.dat", plan.DataFile);
        Assert.Equal(VerthashOptions.FullIndex, plan.DataFileIndex);
        Assert.All(plan.Parts, part => Assert.Contains("--verthash:dataFile=/elsewhere/verthash.dat", part.Arguments));
        Assert.Equal(["silo", "gateway"], plan.Parts.Select(part => part.Name));
    }

    [Fact]
    public void DataFile_OfTheSimulatedCoin_IsASmallOneOfItsOwn()
    {
        var plan = Decide(Plain, NoDaemon);
        Assert.Equal("/pool/local/devnet/verthash-10.dat", plan.DataFile);
        Assert.Equal(VerthashOptions.DevnetIndex, plan.DataFileIndex);
        Assert.Equal(["devnet", "silo", "gateway", "miner-1", "miner-2"], plan.Parts.Select(part => part.Name));
    }

    [Theory]
    [InlineData(VerthashOptions.FullIndex, "/elsewhere/verthash.dat")]
    [InlineData(VerthashOptions.DevnetIndex, "/pool/verthash.dat")]
    public void DataFile_OfTheSimulatedCoin_WhenTheFullOneIsAskedFor_IsTheConfiguredOneIfThatIsFull(int configured, string expected)
    {
        var plan = Decide(Plain with { FullVerthash = true }, NoDaemon with { DataFileIndex = configured });
        Assert.Equal(expected, plan.DataFile);
        Assert.Equal(VerthashOptions.FullIndex, plan.DataFileIndex);
        Assert.Contains(expected, plan.Parts.Single(part => part.Name == "miner-1").Arguments);
    }

    [Fact]
    public void Storage_WithoutNpm_IsFiles() => Assert.Equal(StorageChoice.File, Decide(Plain, NoDaemon, npm: false).Storage);

    [Fact]
    public void Emulator_IsLeftOut_WhenAnAccountIsConfigured()
    {
        var plan = Decide(Plain, Daemon with { UsesEmulator = false });
        Assert.Equal(StorageChoice.Azurite, plan.Storage);
        Assert.Null(plan.Emulator);
        Assert.DoesNotContain(plan.Parts.SelectMany(part => part.Arguments), argument => argument.StartsWith("--storage:connectionString", StringComparison.Ordinal));
    }

    [Fact]
    public void Joining_TakesTheCoinOfTheOtherPool_AndNamesItsNode()
    {
        var plan = Decide(Plain with { Join = 0, PortOffset = 100 }, NoDaemon);
        Assert.DoesNotContain(plan.Parts, part => part.Name == LocalPlan.CoinName);
        var gateway = plan.Parts.Single(part => part.Name == "gateway").Arguments;
        Assert.Contains("--daemons:0:url=http://127.0.0.1:18443", gateway);
        Assert.Contains("--peers:nodes:0:address=127.0.0.1:19346", gateway);
        Assert.Contains("--peers:port=19446", gateway);
        Assert.Contains("--stratum:port=9271", gateway);
    }

    [Fact]
    public void Overrides_OfTheCommandLine_ComeLast()
    {
        var plan = Decide(Plain with { Overrides = ["--stratum:port=9999"] }, NoDaemon);
        Assert.Equal("--stratum:port=9999", plan.Parts.Single(part => part.Name == "gateway").Arguments[^1]);
    }

    [Theory]
    [InlineData(true, 2, null, false, "--storage file serves one silo")]
    [InlineData(false, 1, 0, false, "--join 0 is the pool's own --port-offset")]
    [InlineData(false, 1, null, true, "--full-verthash is for the simulated coin")]
    [InlineData(false, 1, 7, true, "--join is for the simulated coin")]
    public void WhatDoesNotGoTogether_IsRefusedWithTheRemedy(bool file, int silos, int? join, bool daemon, string message)
    {
        var settings = Plain with { Storage = file ? StorageChoice.File : null, Silos = silos, Join = join, FullVerthash = daemon && join is null };
        var refusal = Assert.Throws<PartFailedException>(() => Decide(settings, daemon ? Daemon : NoDaemon));
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    private static LocalPlan Decide(LocalSettings settings, LocalFacts facts, bool npm = true) =>
        LocalPlan.Decide(settings, facts, npm, "secret", [.. Enumerable.Repeat("rvtc1qwhkzzm3js4h4nncr8hvflwcme4ts2pkr42h02w", settings.Miners)]);
}
