using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.LoadGenerator;

/// <summary>What all connections use.</summary>
internal sealed record LoadServices(LoadOptions Options, Tally Tally, WorkWatch Watch, Extranonces Extranonces, Solver? Solver);

/// <summary>One connection to the pool: subscribes, authorises, judges every job, submits when told to. Comes back when it is lost, until the end.</summary>
/// <remarks>
/// What it keeps is bounded: a job's line is shared among the connections that were sent the same bytes, and bytes are read into a
/// buffer of the thread, so that a connection that waits holds nothing but its socket and a few hundred bytes.
/// </remarks>
internal sealed class MinerConnection
{
    private const int BufferBytes = 256 * 1024;
    private const int TlsBufferBytes = 16 * 1024;
    private const int MostLineBytes = 1024 * 1024;
    private const int SubscribeId = 1, AuthorizeId = 2, FirstSubmitId = 10;
    private const int RememberedJobs = 16;
    private static readonly TimeSpan ReplyPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static byte[]? s_buffer;

    private readonly LoadServices _services;
    private readonly Payee _payee;
    private readonly byte[] _user;
    private readonly int _number;
    private readonly Lock _lock = new();
    private readonly ulong[] _jobIds = new ulong[RememberedJobs];
    private int _jobIdPlace;
    private readonly Lock _sending = new();
    private Socket? _socket;
    private SslStream? _tls;
    private byte[]? _partial;
    private int _partialLength;
    private byte[] _extranonce1 = [];
    private int _extranonce2Size;
    private double _difficulty;
    private HeldJob? _job;
    private Round? _round;
    private readonly ShareJudge _share;
    private int _submitId;
    private long _submittedAt;
    private TimeSpan _longestPause;
    private bool _isOver;

    public MinerConnection(LoadServices services, Payee payee, int number)
    {
        (_services, _payee, _number) = (services, payee, number);
        _share = new ShareJudge(services.Options.Grace);
        _user = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{payee.Address}.load{number}"));
    }

    /// <summary>Whether the pool took it in.</summary>
    public bool IsAuthorized { get; private set; }

    /// <summary>When it submitted last, <see cref="Stopwatch.GetTimestamp"/>; when it was authorised, before the first time.</summary>
    public long LastSubmission { get; private set; }

    /// <summary>The longest time without a submission, from the first login to this moment.</summary>
    public TimeSpan LongestPause(long now)
    {
        lock (_lock)
        {
            var last = LastSubmission == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(LastSubmission, now);
            return last > _longestPause ? last : _longestPause;
        }
    }

    /// <summary>Runs until <see cref="End"/>.</summary>
    public async Task RunAsync()
    {
        while (!_isOver)
        {
            using var socket = new Socket(_services.Options.Pool.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var connected = false;
            try
            {
                if (_services.Options.Sources > 0) socket.Bind(new IPEndPoint(new IPAddress([127, 0, (byte)(_number % _services.Options.Sources / 254), (byte)(_number % _services.Options.Sources % 254 + 1)]), 0));
                await socket.ConnectAsync(_services.Options.Pool);
                connected = true;
                await using var tls = await TlsAsync(socket);
                lock (_lock)
                {
                    if (_isOver) return;
                    (_socket, _tls) = (socket, tls);
                }
                _services.Tally.CountConnection(1);
                Send("{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"grainpool-load/0.1\"]}\n"u8);
                await (tls is null ? ReadAsync(socket) : ReadAsync(tls));
                if (!_isOver) Fault("disconnected", $"{Encoding.ASCII.GetString(_user)}: the pool closed the connection");
            }
            catch (SocketException exception)
            {
                if (!_isOver) Fault(connected ? "connection-broke" : "connect-failed", exception.SocketErrorCode.ToString());
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException)
            {
                if (!_isOver) Fault("connection-broke", exception.GetBaseException().Message);
            }
            catch (ObjectDisposedException)
            {
                // The end.
            }
            finally
            {
                if (connected) Forget();
            }
            if (!_isOver) await Task.Delay(ReconnectPause);
        }
    }

    /// <summary>Closes the connection for good.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            _socket?.Dispose();
        }
    }

    /// <summary>Submits a solution of the newest job, unless the one before is unanswered.</summary>
    public void Submit()
    {
        HeldJob? job;
        byte[] extranonce1;
        int size;
        lock (_lock)
        {
            if (!IsAuthorized || _submittedAt != 0) job = null;
            else job = _job;
            (extranonce1, size) = (_extranonce1, _extranonce2Size);
        }
        if (job is null)
        {
            _services.Tally.CountLate();
            return;
        }
        Span<byte> extranonces = stackalloc byte[extranonce1.Length + size];
        extranonce1.CopyTo(extranonces);
        var own = extranonces[extranonce1.Length..];
        own.Clear();
        var next = job.Next();
        for (var i = 0; i < Math.Min(size, 4); i++) own[i] = (byte)(next >> (8 * i));
        uint nonce = 0;
        if (_services.Solver is { } solver)
        {
            if (solver.Solve(job, extranonces, _services.Tally) is not { } solution)
            {
                Fault("unsolved", $"no solution of {_services.Options.Pool} within {Solver.MostHashes} hashes: the pool's difficulty is too high for a load test");
                return;
            }
            nonce = solution;
        }

        Span<byte> line = stackalloc byte[320 + _user.Length];
        var writer = new SpanText(line);
        lock (_lock)
        {
            writer.Add("{\"id\":"u8).Add(++_submitId).Add(",\"method\":\"mining.submit\",\"params\":[\""u8).Add(_user).Add("\",\""u8).Add(job.Id);
            writer.Add("\",\""u8).AddHex(own).Add("\",\""u8).Add(job.Time).Add("\",\""u8).Add(nonce.ToString("x8", CultureInfo.InvariantCulture)).Add("\"]}\n"u8);
            _submittedAt = Stopwatch.GetTimestamp();
            var pause = Stopwatch.GetElapsedTime(LastSubmission, _submittedAt);
            if (pause > _longestPause) _longestPause = pause;
            LastSubmission = _submittedAt;
        }
        _services.Tally.CountSubmitted();
        Send(writer.Written);
    }

    /// <summary>Looks for what is missing; to be called every second.</summary>
    public void Tick(long now)
    {
        lock (_lock)
        {
            if (_submittedAt != 0 && Stopwatch.GetElapsedTime(_submittedAt, now) > ReplyPatience)
            {
                _submittedAt = 0;
                Fault("unanswered", $"no answer within {ReplyPatience.TotalSeconds:0} s");
            }
            if (!IsAuthorized || _services.Watch.Newest is not { } newest || _round is null) return;
            if (_round == newest)
            {
                if (_services.Options.Clean == CleanRule.Outdates && _share.LeftOut(newest, now) is { } owed)
                    Fault("left-out", $"no clean job on {newest.PreviousBlock} {owed.TotalSeconds:0.0} s after another connection had one");
                return;
            }
            if (Stopwatch.GetElapsedTime(newest.First, now) <= _services.Options.Grace || LeftBehind == newest) return;
            LeftBehind = newest;
            Fault("left-behind", $"no job on {newest.PreviousBlock} {Stopwatch.GetElapsedTime(newest.First, now).TotalSeconds:0.0} s after another connection had one");
        }
    }

    private Round? LeftBehind { get; set; }

    private void Forget()
    {
        _services.Tally.CountConnection(-1);
        lock (_lock)
        {
            if (IsAuthorized) _services.Tally.CountAuthorized(-1);
            IsAuthorized = false;
            if (_submittedAt != 0 && !_isOver) Fault("unanswered", "the connection ended before the answer");
            _submittedAt = 0;
            (_job, _round, _socket, _tls) = (null, null, null, null);
            _services.Extranonces.Free(_extranonce1);
            _extranonce1 = [];
            if (_partial is not null) ArrayPool<byte>.Shared.Return(_partial);
            (_partial, _partialLength) = (null, 0);
            Array.Clear(_jobIds);
        }
    }

    private async Task<SslStream?> TlsAsync(Socket socket)
    {
        if (_services.Options.TlsHost is not { } host) return null;
        var tls = new SslStream(new NetworkStream(socket));
        try
        {
#pragma warning disable CA5359 // No miner checks whose certificate it is; what is measured here is the pool, not the way to it.
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, RemoteCertificateValidationCallback = (_, _, _, _) => true });
#pragma warning restore CA5359
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private async Task ReadAsync(SslStream tls)
    {
        while (true)
        {
#pragma warning disable CA2022 // Reads nothing: completes when there is something, and needs no buffer meanwhile.
            await tls.ReadAsync(Memory<byte>.Empty);
#pragma warning restore CA2022
            var buffer = ArrayPool<byte>.Shared.Rent(TlsBufferBytes);
            try
            {
                var count = await tls.ReadAsync(buffer);
                _services.Tally.CountBytes(count);
                if (count == 0 || !Take(buffer.AsSpan(0, count), Stopwatch.GetTimestamp())) return;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        do
        {
            // Completes when there is something, and needs no buffer meanwhile.
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        }
        while (Drain(socket));
    }

    private bool Drain(Socket socket)
    {
        var buffer = s_buffer ??= new byte[BufferBytes];
        int count;
        do
        {
            count = socket.Receive(buffer);
            if (count == 0) return false;
            var now = Stopwatch.GetTimestamp();
            _services.Tally.CountBytes(count);
            if (!Take(buffer.AsSpan(0, count), now)) return false;
        }
        while (count == buffer.Length);
        return true;
    }

    private bool Take(ReadOnlySpan<byte> bytes, long now)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (_partial is null) Take(now, bytes[..end]);
            else
            {
                Keep(bytes[..end]);
                Take(now, _partial.AsSpan(0, _partialLength));
                ArrayPool<byte>.Shared.Return(_partial);
                (_partial, _partialLength) = (null, 0);
            }
            bytes = bytes[(end + 1)..];
        }
        if (bytes.IsEmpty) return true;
        if (_partialLength + bytes.Length > MostLineBytes)
        {
            Fault("endless-line", $"a line of more than {MostLineBytes} bytes");
            return false;
        }
        Keep(bytes);
        return true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var wanted = _partialLength + bytes.Length;
        if (_partial is null) _partial = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, 1024));
        else if (_partial.Length < wanted)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, 2 * _partial.Length));
            _partial.AsSpan(0, _partialLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_partial);
            _partial = larger;
        }
        bytes.CopyTo(_partial.AsSpan(_partialLength));
        _partialLength = wanted;
    }

    private void Take(long now, ReadOnlySpan<byte> line)
    {
        if (line.EndsWith("\r"u8)) line = line[..^1];
        if (line.IsEmpty)
        {
            Fault("empty-line", "real miners end the connection on one");
            return;
        }
        var members = LineReader.Read(line);
        switch (members.Kind)
        {
            case LineKind.Answer:
                TakeAnswer(line, members, now);
                break;
            case LineKind.Call when LineReader.Is(line[members.Method], "mining.notify"u8):
                TakeJob(line, line[members.Parameters], now);
                break;
            case LineKind.Call when LineReader.Is(line[members.Method], "mining.set_difficulty"u8):
                TakeDifficulty(line[members.Parameters]);
                break;
            case LineKind.Call when LineReader.Is(line[members.Method], "mining.ping"u8):
                Answer(line[members.Id], "\"pong\""u8);
                break;
            case LineKind.Call when LineReader.Is(line[members.Method], "client.get_version"u8):
                Answer(line[members.Id], "\"grainpool-load/0.1\""u8);
                break;
            case LineKind.Call:
                break;
            default:
                Fault("not-json", Beginning(line));
                break;
        }
    }

    private void TakeAnswer(ReadOnlySpan<byte> line, in LineMembers members, long now)
    {
        if (!Utf8Parser.TryParse(line[members.Id], out int id, out _)) return;
        var result = line[members.Result];
        var isRefused = !line[members.Error].IsEmpty && !LineReader.Is(line[members.Error], "null"u8);
        if (id == SubscribeId)
        {
            if (isRefused || !ReadSubscription(result)) Fault("subscribe-refused", Beginning(line));
            else Send(Encoding.ASCII.GetBytes($"{{\"id\":{AuthorizeId},\"method\":\"mining.authorize\",\"params\":[\"{Encoding.ASCII.GetString(_user)}\",\"{_services.Options.Password}\"]}}\n"));
        }
        else if (id == AuthorizeId)
        {
            if (isRefused || LineReader.Is(result, "false"u8)) Fault("authorize-refused", Beginning(line));
            else
            {
                lock (_lock) (IsAuthorized, _submitId, LastSubmission) = (true, FirstSubmitId, now);
                _services.Tally.CountAuthorized(1);
            }
        }
        else TakeVerdict(line, members, id, LineReader.Is(result, "true"u8) && !isRefused, now);
    }

    private void TakeVerdict(ReadOnlySpan<byte> line, in LineMembers members, int id, bool accepted, long now)
    {
        long sent;
        lock (_lock)
        {
            if (id != _submitId || _submittedAt == 0)
            {
                Fault("strange-answer", Beginning(line));
                return;
            }
            (sent, _submittedAt) = (_submittedAt, 0);
        }
        var tally = _services.Tally;
        tally.Replies.Add(Stopwatch.GetElapsedTime(sent, now));
        if (accepted)
        {
            tally.CountAccepted();
            return;
        }
        switch (ErrorCode(line[members.Error]))
        {
            case (int)StratumErrorCode.JobNotFound:
                tally.CountStale();
                break;
            case (int)StratumErrorCode.LowDifficulty when _services.Solver is null:
                tally.CountLow();
                break;
            default:
                tally.CountRefused();
                Fault("refused", Beginning(line));
                break;
        }
    }

    private void TakeDifficulty(ReadOnlySpan<byte> parameters)
    {
        var json = new Utf8JsonReader(parameters);
        if (json.Read() && json.TokenType == JsonTokenType.StartArray && json.Read() && json.TokenType == JsonTokenType.Number && json.GetDouble() is > 0 and var difficulty)
            lock (_lock) _difficulty = difficulty;
        else Fault("bad-difficulty", Beginning(parameters));
    }

    private void TakeJob(ReadOnlySpan<byte> line, ReadOnlySpan<byte> parameters, long now)
    {
        var json = new Utf8JsonReader(parameters);
        Span<byte> previousBytes = stackalloc byte[Hash256.Size];
        Span<byte> branchBytes = stackalloc byte[Hash256.Size];
        branchBytes.Clear();
        ReadOnlySpan<byte> id, previous, coinbase1, time;
        bool clean;
        try
        {
            Expect(ref json, JsonTokenType.StartArray);
            Expect(ref json, JsonTokenType.String);
            id = json.ValueSpan;
            Expect(ref json, JsonTokenType.String);
            previous = json.ValueSpan;
            Expect(ref json, JsonTokenType.String);
            coinbase1 = json.ValueSpan;
            Expect(ref json, JsonTokenType.String);
            Expect(ref json, JsonTokenType.StartArray);
            for (var i = 0; json.Read() && json.TokenType == JsonTokenType.String; i++)
                if (i == 0) Convert.FromHexString(json.ValueSpan, branchBytes, out _, out _);
            Expect(ref json, JsonTokenType.String);
            Expect(ref json, JsonTokenType.String);
            Expect(ref json, JsonTokenType.String);
            time = json.ValueSpan;
            clean = json.Read() && json.TokenType == JsonTokenType.True;
            if (Convert.FromHexString(previous, previousBytes, out _, out var written) != OperationStatus.Done || written != Hash256.Size)
                throw new JsonException("the previous block is no hash");
        }
        catch (JsonException exception)
        {
            Fault("bad-job", exception.Message);
            return;
        }
        for (var i = 0; i < Hash256.Size; i += 4) previousBytes.Slice(i, 4).Reverse();

        _services.Tally.CountJob(clean);
        var round = _services.Watch.Take(Hash256.FromBytes(previousBytes), now, out var fault);
        if (fault is not null) Fault("old-job", fault);
        if (round != _round && _round is not null)
        {
            round.Read(now);
            if (!clean) Fault("not-clean", "the block to build on changed and the job was not clean");
            if (round.Number < _round.Number) Fault("went-back", $"a job on {round.PreviousBlock} after one on {_round.PreviousBlock}");
        }
        lock (_lock)
        {
            _share.Take(round, isFirst: round != _round, clean, now);
            _round = round;
        }
        JudgeId(id);
        JudgePayee(coinbase1, round, Hash256.FromBytes(branchBytes));
        Hold(line, id, time);
    }

    private void Hold(ReadOnlySpan<byte> line, ReadOnlySpan<byte> id, ReadOnlySpan<byte> time)
    {
        JobContent? content = null;
        if (_services.Solver is not null)
        {
            content = _payee.LastContent;
            if (content is null || !content.Line.SequenceEqual(line)) _payee.LastContent = content = new JobContent(line.ToArray());
        }
        lock (_lock)
        {
            // Before the first difficulty it is 1.
            var target = MinerDifficulty.ToTarget(_difficulty > 0 ? _difficulty : 1, _services.Options.Network.Parent.MinerDifficultyFactor);
            _job = new HeldJob(HeldJob.Text(id), HeldJob.Text(time), content, target);
        }
    }

    private void JudgeId(ReadOnlySpan<byte> id)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in id) hash = (hash ^ letter) * 1099511628211UL;
        if (_jobIds.AsSpan().Contains(hash)) Fault("job-id-again", Encoding.UTF8.GetString(id));
        _jobIds[_jobIdPlace++ % RememberedJobs] = hash;
    }

    private void JudgePayee(ReadOnlySpan<byte> coinbase1, Round round, Hash256 branch)
    {
        if (_services.Options.Pays == PayeeRule.None) return;
        if (_payee.PaidBy(coinbase1) is not { } paid)
        {
            Fault("wrong-payee", $"no output of the job's coinbase pays {_payee.Address}");
            return;
        }
        if (_services.Options.Pays != PayeeRule.Finder) return;
        ulong? total;
        lock (round)
        {
            // The same transactions, the same sum; read once.
            if (round.Total is null || round.TotalBranch != branch) (round.Total, round.TotalBranch) = (CoinbaseTotal.Of(coinbase1), branch);
            total = round.Total;
        }
        if (total is null) Fault("bad-coinbase", "the coinbase cannot be read");
        else if (paid < total / P2Pool.Networks.NetworkParameters.FinderPart)
            Fault("wrong-finder", $"{_payee.Address} gets {paid} of {total} satoshi, less than the finder's part");
    }

    private bool ReadSubscription(ReadOnlySpan<byte> result)
    {
        try
        {
            var json = new Utf8JsonReader(result);
            Expect(ref json, JsonTokenType.StartArray);
            json.Read();
            json.Skip();
            Expect(ref json, JsonTokenType.String);
            var first = Convert.FromHexString(Encoding.ASCII.GetString(json.ValueSpan));
            if (!json.Read() || json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out var size) || size is < 1 or > 16 || first.Length > 16) return false;
            if (!_services.Extranonces.Take(first)) Fault("extranonce-again", Convert.ToHexStringLower(first));
            lock (_lock) (_extranonce1, _extranonce2Size) = (first, size);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return false;
        }
    }

    private void Answer(ReadOnlySpan<byte> id, ReadOnlySpan<byte> result)
    {
        if (!id.IsEmpty && !LineReader.Is(id, "null"u8)) Send([.. "{\"id\":"u8, .. id, .. ",\"result\":"u8, .. result, .. ",\"error\":null}\n"u8]);
    }

    private void Send(ReadOnlySpan<byte> line)
    {
        try
        {
            if (_tls is { } tls)
            {
                lock (_sending) tls.Write(line);
            }
            else _socket?.Send(line);
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader sees the end of the connection and counts it.
        }
    }

    private void Fault(string kind, string example) => _services.Tally.Error(kind, example);

    private static int? ErrorCode(ReadOnlySpan<byte> error)
    {
        var json = new Utf8JsonReader(error);
        try
        {
            return json.Read() && json.TokenType == JsonTokenType.StartArray && json.Read() && json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var code) ? code : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (!json.Read() || json.TokenType != type) throw new JsonException($"{type} was expected");
    }

    private static string Beginning(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line[..Math.Min(line.Length, 200)]);
}
