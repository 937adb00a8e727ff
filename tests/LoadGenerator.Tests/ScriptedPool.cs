using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.LoadGenerator.Tests;

/// <summary>A pool that says what a test wants said, to connections of the generator. What was said before a ping has been judged when its answer is there.</summary>
internal sealed class ScriptedPool : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2? _certificate;
    private readonly List<(MinerConnection Miner, Task Run, TcpClient Client, Line Line)> _connections = [];
    private readonly LoadServices _services;
    private int _jobs;

    public ScriptedPool(TimeSpan? grace = null, PayeeRule pays = PayeeRule.Finder, IPAddress? address = null, bool tls = false, CleanRule clean = CleanRule.Outdates)
    {
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        if (tls) _certificate = MakeCertificate();
        var options = new LoadOptions { TlsHost = tls ? "pool.example" : null, Pool = (IPEndPoint)_listener.LocalEndpoint, Network = KnownNetworks.Devnet, Pays = pays, Grace = grace ?? TimeSpan.FromHours(1), Clean = clean };
        Watch = new WorkWatch(options.Grace);
        _services = new LoadServices(options, Tally, Watch, new Extranonces(), null);
    }

    public Tally Tally { get; } = new();

    public WorkWatch Watch { get; }

    /// <summary>Kinds of all errors so far.</summary>
    public IEnumerable<string> Errors => Tally.Errors.Select(error => error.Kind);

    /// <summary>A connection, subscribed and authorised.</summary>
    public async Task<Line> ConnectAsync(int payee = 1, string extranonce1 = "01020304")
    {
        var miner = new MinerConnection(_services, Payee.Of(KnownNetworks.Devnet, payee), _connections.Count);
        var run = miner.RunAsync();
        var client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var line = new Line(await StreamOf(client), miner);
        _connections.Add((miner, run, client, line));
        Assert.Contains("mining.subscribe", await line.ReadAsync());
        await line.SayAsync($$"""{"id":1,"result":[[["mining.notify","s"]],"{{extranonce1}}",4],"error":null}""");
        Assert.Contains("mining.authorize", await line.ReadAsync());
        await line.SayAsync("""{"id":2,"result":true,"error":null}""");
        return line;
    }

    /// <summary>A job that pays these, each a payee's number and satoshi.</summary>
    public string Job(int block, bool clean, params (int Payee, ulong Amount)[] paid) => Job($"{++_jobs:x16}", block, clean, paid);

    /// <summary>The same under a name.</summary>
    public static string Job(string id, int block, bool clean, params (int Payee, ulong Amount)[] paid)
    {
        var coinbase = new ByteWriter();
        coinbase.UInt32(1).Byte(1).Hash(Hash256.Zero).UInt32(uint.MaxValue).VarString([3, 1, 2, 3]).UInt32(uint.MaxValue).VarInt((ulong)paid.Length + 1);
        foreach (var (payee, amount) in paid) coinbase.UInt64(amount).VarString(Payee.Of(KnownNetworks.Devnet, payee).Script);
        coinbase.UInt64(0).Byte(42).Byte(0x6a).Byte(0x28).Hash(Hash256.Zero);
        return $$"""{"id":null,"method":"mining.notify","params":["{{id}}","{{block:x64}}","{{Convert.ToHexStringLower(coinbase.Written)}}","00000000",[],"20000000","1b0404cb","65000000",{{(clean ? "true" : "false")}}]}""";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (miner, run, client, line) in _connections)
        {
            miner.End();
            await run;
            line.Dispose();
            client.Dispose();
        }
        _listener.Dispose();
        _certificate?.Dispose();
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=pool.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private async Task<Stream> StreamOf(TcpClient client)
    {
        if (_certificate is null) return client.GetStream();
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(_certificate);
        return tls;
    }

    /// <summary>The pool's end of one connection.</summary>
    internal sealed class Line(Stream stream, MinerConnection miner) : IDisposable
    {
        private readonly StreamReader _reader = new(stream, Encoding.UTF8);

        public MinerConnection Miner => miner;

        public async Task SayAsync(params string[] lines) =>
            await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))), TestContext.Current.CancellationToken);

        public void Dispose() => _reader.Dispose();

        public async Task SayPieceAsync(string piece) => await stream.WriteAsync(Encoding.UTF8.GetBytes(piece), TestContext.Current.CancellationToken);

        public async Task<string> ReadAsync() => await _reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException();

        /// <summary>Says it and waits until it has been judged.</summary>
        public async Task JudgedAsync(params string[] lines)
        {
            await SayAsync([.. lines, """{"id":77,"method":"mining.ping","params":[]}"""]);
            Assert.Equal("""{"id":77,"result":"pong","error":null}""", await ReadAsync());
        }
    }
}
