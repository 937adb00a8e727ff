using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Grainpool.Hosting.Configuration;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Settings;

/// <summary>Something wrong with a setting.</summary>
/// <param name="Key">The key's whole path.</param>
/// <param name="Text">Value found and what is allowed, to stand after the key.</param>
internal sealed record SettingsProblem(string Key, string Text);

/// <summary>A section of orleans.yaml whose options live here.</summary>
internal abstract partial record SettingsSection(string Name)
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<SettingsSection> All { get; } =
    [
        new SettingsSection<PoolOptions>(PoolOptions.Section, (pool, _) => Problems(pool)),
        new SettingsSection<VerthashOptions>(VerthashOptions.Section, Problems),
        new SettingsSection<StratumOptions>(StratumOptions.Section, (stratum, _) => Problems(stratum)),
        new SettingsSection<PatienceOptions>(PatienceOptions.Section, (_, _) => []),
        new SettingsSection<PeerOptions>(PeerOptions.Section, Problems),
        new SettingsSection<SpoolOptions>(SpoolOptions.Section, (_, _) => []),
        new SettingsSection<PoolClusterOptions>(PoolClusterOptions.Section, (cluster, _) => Problems(cluster)),
        new SettingsSection<AdminOptions>(AdminOptions.Section, (_, _) => []),
        new SettingsSection<LoggingOptions>(LoggingOptions.Section, (_, _) => []),
    ];

    /// <summary>Whatever is wrong with this section of a configuration.</summary>
    public abstract IEnumerable<SettingsProblem> ProblemsOf(IConfiguration configuration);

    /// <summary>Offers the options of this section, checked, to whoever asks for them.</summary>
    public abstract void Register(IServiceCollection services);

    private static IEnumerable<SettingsProblem> Problems(PoolOptions options)
    {
        if (options.PayoutAddress is { Length: > 0 } address && KnownNetworks.Names.Contains(options.Network))
        {
            var coin = KnownNetworks.Find(options.Network).Parent;
            if (PayeeAddress.Judge(address, coin).Refusal is { } refusal)
                yield return new("pool:payoutAddress",
                    $"is {ValueShape.Quoted(address)}; allowed on network {options.Network} is a {coin.Symbol} address that shares can name ({refusal}).");
        }
        if (options.FeePercent > 0 && string.IsNullOrWhiteSpace(options.PayoutAddress))
            yield return new("pool:payoutAddress", string.Create(CultureInfo.InvariantCulture,
                $"is empty while pool:feePercent is {options.FeePercent}; allowed is an address of the network, or a fee of 0."));
    }

    private static IEnumerable<SettingsProblem> Problems(VerthashOptions options, PoolOptions pool)
    {
        if (pool.Network == "vertcoin" && options.Index != VerthashOptions.FullIndex)
            yield return new("verthash:index", $"is '{options.Index}'; allowed on network {pool.Network} is {VerthashOptions.FullIndex} only.");
    }

    private static IEnumerable<SettingsProblem> Problems(StratumOptions options)
    {
        if (options.MinimumDifficulty > options.MaximumDifficulty)
            yield return new("stratum:minimumDifficulty", string.Create(CultureInfo.InvariantCulture,
                $"is '{options.MinimumDifficulty}'; allowed is at most stratum:maximumDifficulty, {options.MaximumDifficulty}."));
        else if (options.StartDifficulty < options.MinimumDifficulty || options.StartDifficulty > options.MaximumDifficulty)
            yield return new("stratum:startDifficulty", string.Create(CultureInfo.InvariantCulture,
                $"is '{options.StartDifficulty}'; allowed is from stratum:minimumDifficulty, {options.MinimumDifficulty}, " +
                $"to stratum:maximumDifficulty, {options.MaximumDifficulty}."));
        if (options.ProxyNetworks is null)
            yield return new("stratum:proxies", $"is {ValueShape.Quoted(options.Proxies ?? "")}; allowed are IP addresses and networks such as 10.0.0.0/8, between commas.");
        if (options.Sister is { Length: > 0 } sister && options.SisterEndPoint is null)
            yield return new("stratum:sister", $"is {ValueShape.Quoted(sister)}; allowed is host:port.");
        if (options.CertificateKey is { Length: > 0 } && options.Certificate is not { Length: > 0 })
            yield return new("stratum:certificateKey", "is given while stratum:certificate is not; allowed is the key of a certificate.");
    }

    private static IEnumerable<SettingsProblem> Problems(PeerOptions options, PoolOptions pool)
    {
        foreach (var (index, node) in options.Nodes.Index())
            if (Wrong($"peers:nodes:{index}:address", node.Address) is { } problem) yield return problem;
        if (Wrong("peers:externalAddress", options.ExternalAddress) is { } external) yield return external;
        else if (options.ExternalAddress is not null && !System.Net.IPAddress.TryParse(PeerOptions.Parse(options.ExternalAddress)!.Value.Host, out _))
            yield return new("peers:externalAddress", $"is {ValueShape.Quoted(options.ExternalAddress)}; allowed is an IP address and a port, not a name.");
        if (Wrong("peers:proxy", options.Proxy) is { } proxy) yield return proxy;
        if (options.ProxyUser is { Length: > 0 } && options.Proxy is not { Length: > 0 })
            yield return new("peers:proxyUser", "is given while peers:proxy is not; allowed is the user name for a proxy.");
        if (Long(options.ProxyUser)) yield return new("peers:proxyUser", "is longer than the 255 bytes that SOCKS5 allows.");
        if (Long(options.ProxyPassword)) yield return new("peers:proxyPassword", "is longer than the 255 bytes that SOCKS5 allows.");
        if (options.P2pSyncTimeout != 0 && KnownNetworks.Names.Contains(pool.Network) && KnownNetworks.Find(pool.Network).Persist)
            yield return new("peers:p2pSyncTimeout",
                $"is '{options.P2pSyncTimeout}'; allowed on network {pool.Network} is 0 only: work that does not wait for its chain would be lost.");

        static bool Long(string? text) => text is not null && System.Text.Encoding.UTF8.GetByteCount(text) > byte.MaxValue;

        static SettingsProblem? Wrong(string key, string? text) => text is null || PeerOptions.Parse(text) is not null ? null
            : new(key, $"is {ValueShape.Quoted(text)}; allowed is host:port, an IPv6 address in brackets.");
    }

    private static IEnumerable<SettingsProblem> Problems(PoolClusterOptions options)
    {
        foreach (var (key, name) in new[] { ("cluster:id", options.Id), ("cluster:serviceId", options.ServiceId) })
        {
            if (name is null || name.Length is < 3 or > 40 || !NamePattern().IsMatch(name))
                yield return new(key, $"is {ValueShape.Quoted(name ?? "")}; allowed are 3 to 40 lower-case letters, digits and single hyphens, " +
                    "beginning and ending with a letter or digit.");
        }
        if (options.SiloPort == options.GatewayPort)
            yield return new("cluster:gatewayPort", $"is '{options.GatewayPort}', the same as cluster:siloPort; allowed is any other port.");
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}

/// <summary>A section with its options class.</summary>
/// <param name="Name">Key of the section.</param>
/// <param name="Between">What is wrong between its keys, or between them and the pool's.</param>
internal sealed record SettingsSection<TOptions>(string Name, Func<TOptions, PoolOptions, IEnumerable<SettingsProblem>> Between) : SettingsSection(Name)
    where TOptions : class, new()
{
    /// <inheritdoc/>
    public override IEnumerable<SettingsProblem> ProblemsOf(IConfiguration configuration) =>
        ProblemsOf(Bound<TOptions>(configuration, Name), Bound<PoolOptions>(configuration, PoolOptions.Section));

    /// <summary>Whatever is wrong with these options.</summary>
    public IEnumerable<SettingsProblem> ProblemsOf(TOptions options, PoolOptions pool)
    {
        var shape = OptionsShape.Of(typeof(TOptions));
        foreach (var property in OptionsShape.Properties(typeof(TOptions)))
        {
            var key = OptionsShape.KeyOf(property);
            if (shape.Keys[key] is not ValueShape value || property.GetValue(options) is not { } found) continue;
            var text = Convert.ToString(found, CultureInfo.InvariantCulture) ?? "";
            if (!value.Accepts(found is double number ? ((decimal)Math.Clamp(number, -1e27, 1e27)).ToString(CultureInfo.InvariantCulture) : text))
                yield return new($"{Name}:{key}", $"is {value.Show(text)}; allowed is {value.Allowed}.");
        }
        foreach (var problem in Between(options, pool)) yield return problem;
    }

    /// <inheritdoc/>
    public override void Register(IServiceCollection services)
    {
        services.AddOptions<TOptions>().BindConfiguration(Name).PostConfigure(MakePathsAbsolute).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>>(provider => new SectionValidator<TOptions>(this, provider));
    }

    private static T Bound<T>(IConfiguration configuration, string section) where T : class, new()
    {
        var options = new T();
        configuration.GetSection(section).Bind(options);
        return options;
    }

    private static void MakePathsAbsolute(TOptions options)
    {
        var shape = OptionsShape.Of(typeof(TOptions));
        foreach (var property in OptionsShape.Properties(typeof(TOptions)))
        {
            if (shape.Keys[OptionsShape.KeyOf(property)] is ValueShape { Kind: ValueKind.Path } && property.GetValue(options) is string { Length: > 0 } path)
                property.SetValue(options, ConfigurationFile.Absolute(path, Directory.GetCurrentDirectory()));
        }
    }
}
