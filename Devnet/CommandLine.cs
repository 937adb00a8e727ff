using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Grainpool.Devnet.Chain;
using Grainpool.Devnet.Mining;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet;

/// <summary>The program's two commands: a daemon to mine for, and a miner for any pool.</summary>
internal static class CommandLine
{
    private const string PasswordVariable = "DEVNET_PASSWORD";

    // Some 16,000 hashes for the first blocks: seconds on one core. Never easier than 4,000, so that a block stays rarer than a share.
    private static readonly CompactTarget FirstBits = new(0x1f03ffff);
    private static readonly CompactTarget EasiestBits = new(0x1f0fffff);

    public static RootCommand Build() => new("A simulated vertcoind and a CPU miner, to try a Vertcoin pool without Vertcoin.") { Daemon(), Miner() };

    private static Command Daemon()
    {
        var address = new Option<string>("--address") { Description = "IP address to listen on", DefaultValueFactory = _ => "127.0.0.1" };
        var port = new Option<int>("--port") { Description = "Port for JSON-RPC; 0 takes a free one", DefaultValueFactory = _ => 18443 };
        var user = new Option<string>("--user") { Description = "Name callers must give", DefaultValueFactory = _ => "devnet" };
        // Its default is not a default value to the parser, for the help would print what stands in the environment.
        var password = new Option<string?>("--password") { Description = $"Password callers must give; better in the environment as {PasswordVariable}. Default devnet" };
        var data = new Option<string?>("--data") { Description = "Folder that keeps the chain; without it the chain is forgotten at the end" };
        var spacing = new Option<int>("--block-spacing") { Description = "Seconds aimed at between two blocks, 1 to 3600", DefaultValueFactory = _ => 30 };
        var bits = new Option<string?>("--bits") { Description = "A fixed target in compact form, such as 207fffff, instead of --block-spacing" };
        var halving = new Option<int>("--halving") { Description = "Blocks between two halvings of the subsidy, at least 1", DefaultValueFactory = _ => 150 };
        var interval = new Option<double>("--transaction-interval") { Description = "Seconds between two new transactions; 0 for none", DefaultValueFactory = _ => 4 };
        var cache = new Option<bool>("--cache-templates") { Description = "Show new transactions only when the last template is 5 s old, as the real daemon does" };
        var proofOfWork = new ProofOfWorkOptions();
        spacing.Validators.Add(Range(spacing, 1, 3600));
        halving.Validators.Add(Range(halving, 1, 10_000_000));
        port.Validators.Add(Range(port, 0, 65535));

        var command = new Command("daemon", "A simulated vertcoind: JSON-RPC, a chain of its own, transactions that keep coming, real block checks")
        {
            address, port, user, password, data, spacing, bits, halving, interval, cache,
        };
        proofOfWork.AddTo(command);
        command.SetAction((parsed, cancellation) => Guarded(async () =>
        {
            CompactTarget? fixedBits = parsed.GetValue(bits) is { } text
                ? uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? new CompactTarget(code)
                    : throw new ArgumentException($"--bits is \"{text}\"; wanted are 8 hex digits such as 207fffff")
                : null;
            var options = new CoinDaemonOptions
            {
                Address = IPAddress.TryParse(parsed.GetValue(address), out var ip) ? ip : throw new ArgumentException($"--address is \"{parsed.GetValue(address)}\"; wanted is an IP address"),
                Port = parsed.GetValue(port),
                User = parsed.GetValue(user)!,
                Password = parsed.GetValue(password) ?? Environment.GetEnvironmentVariable(PasswordVariable) ?? "devnet",
                BlockFile = parsed.GetValue(data) is { } folder ? Path.Combine(folder, "blocks.dat") : null,
                CachesTemplates = parsed.GetValue(cache),
                TransactionInterval = TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(interval), 0, 86400)),
                Rules = new CoinRules
                {
                    HalvingInterval = parsed.GetValue(halving),
                    Difficulty = fixedBits is { } always ? new FixedDifficulty(always) : new RetargetingDifficulty(TimeSpan.FromSeconds(parsed.GetValue(spacing)), FirstBits, EasiestBits),
                },
            };
            using var hasher = proofOfWork.Load(parsed, cancellation);
            await using var daemon = await DevnetDaemon.StartAsync(options, hasher.Hash, TimeProvider.System, cancellation);
            daemon.Coin.BlockSubmitted += block => SayVerdict(block);
            Say($"JSON-RPC on {daemon.Server.Url} for user {options.User}; height {daemon.Coin.Height}, next block at bits {daemon.Coin.NextBits}"
                + (options.BlockFile is null ? ", chain not kept" : $", chain kept in {options.BlockFile}"));
            await Ended(cancellation);
        }));
        return command;
    }

    private static Command Miner()
    {
        var url = new Option<string>("--url") { Description = "Pool, such as stratum+tcp://127.0.0.1:9171", Required = true };
        var user = new Option<string>("--user") { Description = "Payout address, if wanted with .worker", Required = true };
        var password = new Option<string>("--password") { Description = "Password; pools seldom look at it", DefaultValueFactory = _ => "x" };
        var threads = new Option<int>("--threads") { Description = "Threads, 1 to 256", DefaultValueFactory = _ => 1 };
        var rate = new Option<double?>("--hashes-per-second") { Description = "Most hashes per second of all threads together" };
        var jobs = new Option<bool>("--show-jobs") { Description = "Print a line for every job" };
        var proofOfWork = new ProofOfWorkOptions();
        threads.Validators.Add(Range(threads, 1, 256));
        var command = new Command("miner", "A CPU miner that speaks stratum") { url, user, password, threads, rate, jobs };
        proofOfWork.AddTo(command);
        command.SetAction((parsed, cancellation) => Guarded(async () =>
        {
            var (host, port) = MinerOptions.ParseUrl(parsed.GetValue(url)!) ?? throw new ArgumentException($"--url is \"{parsed.GetValue(url)}\"; wanted is stratum+tcp://host:port");
            if (parsed.GetValue(rate) is <= 0) throw new ArgumentException($"--hashes-per-second is {parsed.GetValue(rate)}; it must be above 0");
            using var hasher = proofOfWork.Load(parsed, cancellation);
            var miner = new CpuMiner(
                new MinerOptions
                {
                    Host = host, Port = port, User = parsed.GetValue(user)!, Password = parsed.GetValue(password)!, Threads = parsed.GetValue(threads), HashesPerSecond = parsed.GetValue(rate),
                },
                hasher.Hash, TimeProvider.System, happened =>
                {
                    if (happened is not MinerEvent.NewJob || parsed.GetValue(jobs)) Tell(happened);
                });
            await miner.RunAsync(cancellation);
        }));
        return command;
    }

    private static void Tell(MinerEvent happened) => Say(happened switch
    {
        MinerEvent.Connected connected => $"connected to {connected.Pool}",
        MinerEvent.Disconnected lost => $"no connection to {lost.Pool}: {lost.Reason}; next attempt in {lost.RetryIn.TotalSeconds:0.#} s",
        MinerEvent.NewJob job => $"job {job.Id}, difficulty {job.Difficulty:G6}{(job.Clean ? ", clean" : "")}",
        MinerEvent.Accepted share => $"share accepted: {share.HeaderHash}",
        MinerEvent.Rejected share => $"share rejected: {(share.Reason.Length > 0 ? share.Reason : "no reason given")} (job {share.JobId})",
        MinerEvent.Message message => $"the pool says: {message.Text}",
        MinerEvent.Speed speed => $"{speed.HashesPerSecond:0} hashes/s, {speed.AcceptedShares} accepted, {speed.RejectedShares} rejected",
        _ => happened.ToString(),
    });

    // A pool hands a block in by every way it has; that it was there before is no news.
    private static void SayVerdict(BlockSubmitted block)
    {
        var hash = block.Block.Header.Hash();
        if (block.Verdict.Reason is null)
            Say($"block {block.Height} accepted: {hash}, {block.Block.Transactions.Length} transactions, coinbase pays {Coins(block.Block)} to {block.Block.Transactions[0].Outputs.Count(output => output.Value > 0)} outputs");
        else if (block.Verdict.Reason != "duplicate")
            Say($"block {hash} not accepted: {block.Verdict.Reason}");
    }

    private static string Coins(P2Pool.Parent.Block block) =>
        (block.Transactions[0].Outputs.Sum(output => (decimal)output.Value) / 100_000_000).ToString("0.########", CultureInfo.InvariantCulture);

    private static void Say(string line) => Console.WriteLine(line);

    private static async Task Ended(CancellationToken cancellation)
    {
        var ended = new TaskCompletionSource();
        await using var registration = cancellation.Register(() => ended.TrySetResult());
        await ended.Task;
    }

    // Wrong settings and machines that do not play along end in one sentence, not in a stack of calls.
    private static async Task<int> Guarded(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static Action<OptionResult> Range(Option<int> option, int least, int most) => result =>
    {
        if (result.Errors.Any()) return;
        var value = result.GetValueOrDefault<int>();
        if (value < least || value > most) result.AddError($"{option.Name} is {value}; allowed are {least} to {most}");
    };
}
