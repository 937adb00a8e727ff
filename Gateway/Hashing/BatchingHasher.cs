using System.Diagnostics;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Hashing;

/// <summary>Computes proofs of work, as many together as happen to wait, on threads of its own unless it is a lone one.</summary>
/// <remarks>
/// <para>
/// Nothing is ever waited for: a lone header is computed at once, where that is allowed by the thread that brings it, since to wake another one and be woken
/// by it costs as much as all else there is to a submission. While as many are computed as there are threads, headers gather, and the
/// next free thread takes a batch of them, which costs little more than one: the busier, the more a second.
/// </para>
/// <para>
/// A batch takes one header of each connection in turn, so that a connection with many keeps nobody waiting for more than one round.
/// </para>
/// <para>
/// Headers that can wait, those of other nodes' shares, are taken when no miner's waits, and then only as many as cost little more than one:
/// a download keeps a miner waiting for one small batch at most, and where there is more than one thread one of them is always left for miners.
/// </para>
/// </remarks>
internal sealed class BatchingHasher : IDisposable
{
    /// <summary>
    /// So many are taken together even if other threads are free: they are computed in hardly more time than one.
    /// </summary>
    private const int WorthTogether = 8;

    private readonly IVerthash _verthash;
    private readonly BatchingHasherLimits _limits;
    private readonly List<Thread> _threads = [];
    private readonly object _gate = new();

    // Under the gate.
    private readonly Lane _first;
    private readonly Lane _patient;
    private int _busy;
    private int _busyForPatient;
    private int _inPlace;
    private bool _ending;

    /// <summary>Starts the threads.</summary>
    /// <param name="verthash">What hashes. Used by all threads at once.</param>
    /// <param name="limits">What may be used; null for the defaults.</param>
    public BatchingHasher(IVerthash verthash, BatchingHasherLimits? limits = null)
    {
        _verthash = verthash;
        _limits = limits ?? new BatchingHasherLimits();
        _first = new Lane(_limits.Waiting);
        _patient = new Lane(_limits.WaitingPatiently);
        for (var i = 0; i < _limits.Threads; i++)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = $"verthash {i}" };
            thread.Start();
            _threads.Add(thread);
        }
    }

    /// <summary>Headers that wait at this moment.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return Count;
        }
    }

    /// <summary>The proof-of-work value of a header.</summary>
    /// <param name="header">The header.</param>
    /// <param name="connection">Whose it is: any object that stands for the connection. Connections are served in turn.</param>
    /// <param name="ct">Gives up waiting. A hash that is being computed is finished, for nobody.</param>
    /// <returns>The value; null when too many wait already, of this connection or of all that can wait as long.</returns>
    /// <exception cref="ObjectDisposedException">The hasher has ended.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public Task<UInt256?> HashAsync(BlockHeader header, object connection, CancellationToken ct = default) =>
        !ct.IsCancellationRequested && TryBeginInPlace() ? Task.FromResult<UInt256?>(HashInPlace(header)) : HashAsync(header, connection, _first, ct);

    /// <summary>The same for a header that can wait until no miner's does.</summary>
    public Task<UInt256?> HashPatientlyAsync(BlockHeader header, object connection, CancellationToken ct = default) =>
        HashAsync(header, connection, _patient, ct);

    /// <summary>Finishes what waits and ends the threads. Afterwards nobody reads the data file any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ending = true;
            Monitor.PulseAll(_gate);
            while (_inPlace > 0)
                Monitor.Wait(_gate);
        }
        foreach (var thread in _threads)
            thread.Join();
    }

    private int Count => _first.Count + _patient.Count;

    private bool TryBeginInPlace()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ending, this);
            if (_first.Count > 0 || _busy >= _limits.Threads || _inPlace >= _limits.InPlace)
                return false;
            _busy++;
            _inPlace++;
            return true;
        }
    }

    private UInt256 HashInPlace(BlockHeader header)
    {
        try
        {
            Span<byte> hash = stackalloc byte[VerthashHasher.HashLength];
            var start = Stopwatch.GetTimestamp();
            _verthash.Hash(header.ToBytes(), hash);
            Observe(start, 1);
            return UInt256.FromLittleEndian(hash);
        }
        finally
        {
            lock (_gate)
            {
                _busy--;
                _inPlace--;
                // What came meanwhile is for a thread that can stay with it.
                if (_ending)
                    Monitor.PulseAll(_gate);
                else if (Count > 0)
                    Monitor.Pulse(_gate);
            }
        }
    }

    private async Task<UInt256?> HashAsync(BlockHeader header, object connection, Lane lane, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var request = new Request(header.ToBytes(), connection, lane);
        if (!TryAdd(request))
            return null;
        await using (ct.UnsafeRegister((_, token) => GiveUp(request, token), null))
            return await request.Done.Task;
    }

    private bool TryAdd(Request request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ending, this);
            var lane = request.Lane;
            if (lane.Count >= lane.Most || lane.CountOf(request.Connection) >= _limits.WaitingOfConnection)
                return false;
            lane.Add(request);
            Instruments.HashesWaiting.Set(Count);
            if (_busy < _limits.Threads)
                Monitor.Pulse(_gate);
            return true;
        }
    }

    private void GiveUp(Request request, CancellationToken token)
    {
        lock (_gate)
        {
            // Out of the line if it still stands there; the connection's turn then comes to nothing.
            if (request.Place.List is { } line)
            {
                line.Remove(request.Place);
                request.Lane.Count--;
                Instruments.HashesWaiting.Set(Count);
            }
        }
        request.Done.TrySetCanceled(token);
    }

    private void Work()
    {
        var batch = new Request[VerthashHasher.MostTogether];
        var headers = new byte[batch.Length * VerthashHasher.HeaderLength];
        var hashes = new byte[batch.Length * VerthashHasher.HashLength];
        var work = Kind.None;
        for (int count; (count = Take(batch, ref work)) > 0;)
        {
            for (var i = 0; i < count; i++)
                batch[i].Header.CopyTo(headers, i * VerthashHasher.HeaderLength);
            var start = Stopwatch.GetTimestamp();
            try
            {
                _verthash.HashMany(headers.AsSpan(0, count * VerthashHasher.HeaderLength), hashes.AsSpan(0, count * VerthashHasher.HashLength));
            }
            catch (Exception exception)
            {
                // Whoever waits is told; the thread goes on, since the next batch may be of another mind.
                foreach (var request in batch.AsSpan(0, count))
                    request.Done.TrySetException(exception);
                continue;
            }
            Observe(start, count);
            for (var i = 0; i < count; i++)
                batch[i].Done.TrySetResult(UInt256.FromLittleEndian(hashes.AsSpan(i * VerthashHasher.HashLength, VerthashHasher.HashLength)));
        }
    }

    private static void Observe(long start, int count)
    {
        Instruments.HashSeconds.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);
        Instruments.HashesTogether.Observe(count);
    }

    // Done with work of one kind, waits for something and takes a batch of it; 0 at the end.
    private int Take(Request[] batch, ref Kind work)
    {
        lock (_gate)
        {
            if (work != Kind.None)
                _busy--;
            if (work == Kind.Patient)
                _busyForPatient--;
            while (!MayTake())
            {
                if (_ending && Count == 0)
                {
                    Monitor.PulseAll(_gate);
                    return 0;
                }
                Monitor.Wait(_gate);
            }

            work = _first.Count > 0 ? Kind.First : Kind.Patient;
            if (work == Kind.Patient)
                _busyForPatient++;
            // Other free threads get their part, but nobody gets less than what goes together for nothing.
            var free = _limits.Threads - ++_busy;
            var share = Math.Clamp((_first.Count + free) / (free + 1), WorthTogether, batch.Length);
            var taken = _first.Take(batch, 0, share);
            taken = _patient.Take(batch, taken, WorthTogether);
            Instruments.HashesWaiting.Set(Count);
            if (Count > 0 && _busy < _limits.Threads)
                Monitor.Pulse(_gate);
            return taken;
        }
    }

    private bool MayTake() =>
        _busy < _limits.Threads && (_first.Count > 0 || (_patient.Count > 0 && _busyForPatient < Math.Max(1, _limits.Threads - 1)));

    private enum Kind
    {
        None,
        First,
        Patient,
    }

    /// <summary>What waits, by connection, and the connections that have something waiting, each once, in their turn.</summary>
    /// <param name="most">Headers that may wait.</param>
    private sealed class Lane(int most)
    {
        private readonly Dictionary<object, LinkedList<Request>> _waiting = [];
        private readonly Queue<object> _turns = new();

        public int Most => most;

        public int Count { get; set; }

        public int CountOf(object connection) => _waiting.TryGetValue(connection, out var line) ? line.Count : 0;

        public void Add(Request request)
        {
            if (!_waiting.TryGetValue(request.Connection, out var line))
            {
                _waiting.Add(request.Connection, line = new LinkedList<Request>());
                _turns.Enqueue(request.Connection);
            }
            line.AddLast(request.Place);
            Count++;
        }

        // One of each connection in turn, until the batch holds so many.
        public int Take(Request[] batch, int taken, int most)
        {
            while (taken < most && _turns.TryDequeue(out var connection))
            {
                var line = _waiting[connection];
                if (line.First is { } first)
                {
                    line.RemoveFirst();
                    batch[taken++] = first.Value;
                    Count--;
                }
                if (line.Count > 0)
                    _turns.Enqueue(connection);
                else
                    _waiting.Remove(connection);
            }
            return taken;
        }
    }

    private sealed class Request
    {
        public Request(byte[] header, object connection, Lane lane)
        {
            Header = header;
            Connection = connection;
            Lane = lane;
            Place = new LinkedListNode<Request>(this);
        }

        public byte[] Header { get; }

        public object Connection { get; }

        public Lane Lane { get; }

        public LinkedListNode<Request> Place { get; }

        public TaskCompletionSource<UInt256> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
