using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Grainpool.LoadGenerator;
using Grainpool.P2Pool.Networks;
using Grainpool.Verthash;

var pool = new Option<string>("--pool") { Description = "HOST:PORT of the pool, or stratum+ssl://HOST:PORT for TLS; an IPv6 address stands in brackets", Required = true };
var network = new Option<string>("--network") { Description = "whose addresses to use: devnet or vertcoin", DefaultValueFactory = _ => "devnet" };
var connections = new Option<int>("--connections") { Description = "connections to hold", DefaultValueFactory = _ => 100 };
var addresses = new Option<int>("--addresses") { Description = "payout addresses, taken in turn", DefaultValueFactory = _ => 10 };
var duration = new Option<string>("--duration") { Description = "time after all connections are authorised, such as 90s, 10m or 1h", DefaultValueFactory = _ => "1m" };
var rate = new Option<double>("--submits-per-minute") { Description = "submissions of each connection; 0 for none", DefaultValueFactory = _ => 1 };
var ramp = new Option<double>("--ramp") { Description = "new connections in a second", DefaultValueFactory = _ => 1000 };
var sources = new Option<int>("--sources") { Description = "connect from so many addresses 127.0.0.1, 127.0.0.2, …, where one has not ports enough; 0 leaves it to the system" };
var index = new Option<int?>("--verthash-index") { Description = "size of the Verthash table to find true solutions with, 1 to 17; without it nonces are submitted as they come, and low ones are no error" };
var file = new Option<string?>("--verthash-file") { Description = "the data file; without it the table is made in memory, up to index 12" };
var pays = new Option<PayeeRule>("--pays") { Description = "what every coinbase must do: finder (pay at least 1/200 of all to the connection's address, as p2pool does), output (pay it something) or none", DefaultValueFactory = _ => PayeeRule.Finder };
var clean = new Option<CleanRule>("--clean") { Description = "what clean_jobs on the same block says: outdates (older jobs of all connections are outdated, as when p2pool has another share) or any (nothing)", DefaultValueFactory = _ => CleanRule.Outdates };
var grace = new Option<double>("--grace") { Description = "seconds for which an old job may still come after a newer one was seen", DefaultValueFactory = _ => 2 };
var daemon = new Option<string?>("--daemon") { Description = "a coin daemon whose tip jobs must build on: http://user:password@host:port" };
var process = new Option<int?>("--pool-process") { Description = "process of the pool on this machine, to show its processor time and memory" };
var report = new Option<string?>("--report") { Description = "file for the figures as JSON" };
connections.Validators.Add(Within(connections, 1, 200_000));
addresses.Validators.Add(Within(addresses, 1, 200_000));
sources.Validators.Add(Within(sources, 0, 60_000));

var root = new RootCommand("Puts a stratum pool under load and judges what it sends. The exit code is 0 when nothing was wrong, 1 when something was, 2 when it could not begin.")
{
    pool, network, connections, addresses, duration, rate, ramp, sources, index, file, pays, clean, grace, daemon, process, report,
};
root.SetAction(async (parsed, cancellation) =>
{
    LoadOptions options;
    try
    {
        var address = await PoolAddress.FindAsync(parsed.GetValue(pool)!, cancellation);
        options = new LoadOptions
        {
            Pool = address.EndPoint,
            TlsHost = address.TlsHost,
            Network = KnownNetworks.Find(parsed.GetValue(network)!),
            Connections = parsed.GetValue(connections),
            Addresses = parsed.GetValue(addresses),
            Duration = TimeOf(parsed.GetValue(duration)!),
            SubmitsPerMinute = parsed.GetValue(rate),
            ConnectsPerSecond = Math.Max(1, parsed.GetValue(ramp)),
            Sources = parsed.GetValue(sources),
            VerthashIndex = parsed.GetValue(index),
            VerthashFile = parsed.GetValue(file),
            Pays = parsed.GetValue(pays),
            Clean = parsed.GetValue(clean),
            Grace = TimeSpan.FromSeconds(parsed.GetValue(grace)),
            Daemon = parsed.GetValue(daemon) is { } url ? DaemonOf(url) : null,
            PoolProcess = parsed.GetValue(process),
            Report = parsed.GetValue(report),
        };
        if (options is { Sources: > 0, Pool.AddressFamily: not AddressFamily.InterNetwork }) throw new ArgumentException("--sources is for pools with an IPv4 address");
        if (options is { VerthashIndex: > 12, VerthashFile: null }) throw new ArgumentException("so large a table is read from a file: --verthash-file");
        var figures = await new LoadRun(options, Console.Out).RunAsync(cancellation);
        figures.Print(Console.Out);
        if (options.Report is { } path) await figures.SaveAsync(path);
        return figures.IsClean ? 0 : 1;
    }
    catch (Exception exception) when (exception is ArgumentException or FormatException or SocketException or VerthashDataFileException)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 2;
    }
});
// Ctrl-C ends a run early; closing ten thousand connections and the report take longer than the library's two seconds.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

static Uri DaemonOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
    ? url
    : throw new ArgumentException($"--daemon is \"{text}\"; wanted is http://user:password@host:port");

static TimeSpan TimeOf(string text)
{
    var unit = text.Length > 0 ? text[^1] : ' ';
    double? seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => null };
    return seconds is { } each && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        ? TimeSpan.FromSeconds(each * number)
        : throw new ArgumentException($"--duration is \"{text}\"; wanted is a number with s, m or h");
}

static Action<System.CommandLine.Parsing.OptionResult> Within(Option<int> option, int least, int most) => result =>
{
    if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
        result.AddError($"{option.Name} is {value}; allowed is {least} to {most}");
};
