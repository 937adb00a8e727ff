using System.Collections.Concurrent;
using Grainpool.Gateway.Hashing;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Tests.Hashing;

/// <summary>Headers that gather while the threads are busy, with a hash that stands still until the test lets it go.</summary>
public sealed class BatchingHasherTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LoneHeader_IsTakenAtOnce()
    {
        using var hasher = new BatchingHasher(new OrdinaryHash(), new BatchingHasherLimits { Threads = 2 });
        Assert.Equal(TestWork.HashOf(Header(1)), await hasher.HashAsync(Header(1), "a", Ct));
        Assert.Equal(0, hasher.Waiting);
    }

    [Fact]
    public async Task ManyOfManyConnections_AllGetTheirOwn()
    {
        using var hasher = new BatchingHasher(new OrdinaryHash(), new BatchingHasherLimits { Threads = 3 });
        var results = await Task.WhenAll(Enumerable.Range(0, 2000).Select(nonce => Task.Run(
            async () => (nonce, Found: await hasher.HashAsync(Header((uint)nonce), $"connection {nonce % 17}", Ct)), Ct)));
        Assert.All(results, result => Assert.Equal(TestWork.HashOf(Header((uint)result.nonce)), result.Found));
    }

    [Fact]
    public async Task HeadersThatComeMeanwhile_AreTakenTogether()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1 });
        var first = hasher.HashAsync(Header(0), "a", Ct);
        await verthash.Entered(Ct);
        var rest = Enumerable.Range(1, 40).Select(nonce => hasher.HashAsync(Header((uint)nonce), nonce, Ct)).ToList();
        Assert.Equal(40, hasher.Waiting);

        verthash.Release(3);
        await Task.WhenAll([first, .. rest]);
        Assert.Equal([1, VerthashHasher.MostTogether, 40 - VerthashHasher.MostTogether], verthash.Batches.Select(batch => batch.Length));
    }

    [Fact]
    public async Task Download_LeavesAThreadForMiners()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 2 });
        var download = Enumerable.Range(1, 20).Select(nonce => hasher.HashPatientlyAsync(Header((uint)nonce), "node", Ct)).ToList();
        await verthash.Entered(Ct);
        var waiting = hasher.Waiting;
        Assert.InRange(waiting, 12, 19);

        // Nobody else has begun with what waits: the miner's is the next batch that is computed.
        var own = hasher.HashAsync(Header(0), "miner", Ct);
        await verthash.Entered(Ct);
        Assert.Contains(Header(0).Nonce, verthash.Batches.ElementAt(1));
        verthash.Release(100);
        await Task.WhenAll([own, .. download]);
    }

    [Fact]
    public async Task FreeThread_TakesALoneHeaderWhileAnotherIsBusy()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 2 });
        var first = hasher.HashAsync(Header(0), "a", Ct);
        await verthash.Entered(Ct);
        var second = hasher.HashAsync(Header(1), "a", Ct);
        await verthash.Entered(Ct);
        Assert.Equal(0, hasher.Waiting);
        verthash.Release(2);
        await Task.WhenAll(first, second);
        Assert.Equal([1, 1], verthash.Batches.Select(batch => batch.Length));
    }

    [Fact]
    public async Task ConnectionWithMany_KeepsNobodyWaitingForMoreThanARound()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1 });
        var tasks = new List<Task> { hasher.HashAsync(Header(0), "greedy", Ct) };
        await verthash.Entered(Ct);
        tasks.AddRange(Enumerable.Range(1, 200).Select(nonce => hasher.HashAsync(Header((uint)nonce), "greedy", Ct)));
        tasks.AddRange(Enumerable.Range(1000, 5).Select(nonce => hasher.HashAsync(Header((uint)nonce), nonce, Ct)));
        verthash.Release(int.MaxValue);
        await Task.WhenAll(tasks);

        var next = verthash.Batches.ElementAt(1);
        Assert.Equal([1u, 1000u, 1001u, 1002u, 1003u, 1004u, 2u, 3u], next.Take(8));
    }

    [Fact]
    public async Task FullQueue_RefusesInsteadOfGrowing()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1, Waiting = 5, WaitingOfConnection = 3 });
        var taken = new List<Task<UInt256?>> { hasher.HashAsync(Header(0), "a", Ct) };
        await verthash.Entered(Ct);
        taken.AddRange(Enumerable.Range(1, 3).Select(nonce => hasher.HashAsync(Header((uint)nonce), "a", Ct)));
        Assert.Null(await hasher.HashAsync(Header(9), "a", Ct));
        taken.AddRange(Enumerable.Range(4, 2).Select(nonce => hasher.HashAsync(Header((uint)nonce), "b", Ct)));
        Assert.Null(await hasher.HashAsync(Header(9), "c", Ct));

        verthash.Release(int.MaxValue);
        Assert.All(await Task.WhenAll(taken), found => Assert.NotNull(found));
        Assert.NotNull(await hasher.HashAsync(Header(9), "a", Ct));
    }

    [Fact]
    public async Task FullQueueOfThoseThatCanWait_TakesNoRoomFromTheOthers()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1, Waiting = 1, WaitingPatiently = 2 });
        var taken = new List<Task<UInt256?>> { hasher.HashAsync(Header(0), "a", Ct) };
        await verthash.Entered(Ct);
        taken.AddRange(Enumerable.Range(1, 2).Select(nonce => hasher.HashPatientlyAsync(Header((uint)nonce), nonce, Ct)));
        Assert.Null(await hasher.HashPatientlyAsync(Header(9), "node", Ct));
        taken.Add(hasher.HashAsync(Header(3), "miner", Ct));
        Assert.False(taken[^1].IsCompleted);
        Assert.Equal(3, hasher.Waiting);

        verthash.Release(int.MaxValue);
        Assert.All(await Task.WhenAll(taken), found => Assert.NotNull(found));
        Assert.NotNull(await hasher.HashPatientlyAsync(Header(9), "node", Ct));
    }

    [Fact]
    public async Task GivenUpWhileWaiting_LeavesItsPlaceAndIsNotComputed()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1, WaitingOfConnection = 1 });
        var first = hasher.HashAsync(Header(0), "a", Ct);
        await verthash.Entered(Ct);
        using var cancellation = new CancellationTokenSource();
        var given = hasher.HashAsync(Header(1), "b", cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(0, hasher.Waiting);
        var other = hasher.HashAsync(Header(2), "b", Ct);

        verthash.Release(int.MaxValue);
        await Task.WhenAll(first, other);
        Assert.Equal([[0u], [2u]], verthash.Batches);
    }

    [Fact]
    public async Task GivenUpWhileComputed_EndsAtOnce()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1 });
        using var cancellation = new CancellationTokenSource();
        var given = hasher.HashAsync(Header(0), "a", cancellation.Token);
        await verthash.Entered(Ct);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hasher.HashAsync(Header(1), "a", cancellation.Token));
        verthash.Release(int.MaxValue);
    }

    [Fact]
    public async Task HashThatFails_TellsEveryCallerAndTheThreadGoesOn()
    {
        using var verthash = new HeldHash { Fails = true };
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1 });
        verthash.Release(int.MaxValue);
        await Assert.ThrowsAsync<InvalidOperationException>(() => hasher.HashAsync(Header(0), "a", Ct));
        verthash.Fails = false;
        Assert.Equal(TestWork.HashOf(Header(1)), await hasher.HashAsync(Header(1), "a", Ct));
    }

    [Fact]
    public async Task Disposed_FinishesWhatWaits_AndTakesNoMore()
    {
        using var verthash = new HeldHash();
        var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1 });
        var tasks = new List<Task<UInt256?>> { hasher.HashAsync(Header(0), "a", Ct) };
        await verthash.Entered(Ct);
        tasks.AddRange(Enumerable.Range(1, 50).Select(nonce => hasher.HashAsync(Header((uint)nonce), "a", Ct)));
        verthash.Release(int.MaxValue);
        hasher.Dispose();
        Assert.All(await Task.WhenAll(tasks), found => Assert.NotNull(found));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => hasher.HashAsync(Header(99), "a", Ct));
        hasher.Dispose();
    }

    [Fact]
    public async Task LoneHeader_InPlace_IsComputedByTheThreadThatBringsIt()
    {
        using var hasher = new BatchingHasher(new OrdinaryHash(), new BatchingHasherLimits { Threads = 1, InPlace = 1 });
        var first = hasher.HashAsync(Header(1), "a", Ct);
        var second = hasher.HashAsync(Header(2), "a", Ct);
        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.Equal((TestWork.HashOf(Header(1)), TestWork.HashOf(Header(2))), (await first, await second));
    }

    [Fact]
    public async Task HeadersThatComeWhileOneIsComputedInPlace_AreTakenTogetherByTheThread()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1, InPlace = 1 });
        var found = new TaskCompletionSource<UInt256?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bringer = new Thread(() => found.SetResult(hasher.HashAsync(Header(0), "a", CancellationToken.None).Result));
        bringer.Start();
        await verthash.Entered(Ct);
        var rest = Enumerable.Range(1, 10).Select(nonce => hasher.HashAsync(Header((uint)nonce), nonce, Ct)).ToList();
        Assert.Equal(10, hasher.Waiting);
        Assert.Single(verthash.Batches);

        verthash.Release(2);
        Assert.Equal(TestWork.HashOf(Header(0)), await found.Task);
        await Task.WhenAll(rest);
        Assert.Equal([1, 10], verthash.Batches.Select(batch => batch.Length));
        bringer.Join();
    }

    [Fact]
    public async Task HashThatFailsInPlace_TellsItsCallerAndLeavesThePlace()
    {
        using var verthash = new HeldHash { Fails = true };
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1, InPlace = 1 });
        verthash.Release(int.MaxValue);
        await Assert.ThrowsAsync<InvalidOperationException>(() => hasher.HashAsync(Header(0), "a", Ct));
        verthash.Fails = false;
        var again = hasher.HashAsync(Header(1), "a", Ct);
        Assert.True(again.IsCompleted);
        Assert.Equal(TestWork.HashOf(Header(1)), await again);
    }

    [Fact]
    public async Task Disposed_WaitsForWhatIsComputedInPlace()
    {
        using var verthash = new HeldHash();
        var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1, InPlace = 1 });
        var found = new TaskCompletionSource<UInt256?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bringer = new Thread(() => found.SetResult(hasher.HashAsync(Header(0), "a", CancellationToken.None).Result));
        bringer.Start();
        await verthash.Entered(Ct);
        var waiting = hasher.HashAsync(Header(1), "b", Ct);
        var disposing = Task.Run(hasher.Dispose, Ct);
        Assert.False(disposing.IsCompleted);
        verthash.Release(2);
        await disposing.WaitAsync(Ct);
        Assert.NotNull(await waiting);
        bringer.Join();
        Assert.NotNull(await found.Task);
    }

    [Fact]
    public async Task HeaderThatCanWait_IsNeverComputedInPlace()
    {
        using var verthash = new HeldHash();
        using var hasher = new BatchingHasher(verthash, new BatchingHasherLimits { Threads = 1, InPlace = 1 });
        var waiting = hasher.HashPatientlyAsync(Header(1), "a", Ct);
        Assert.False(waiting.IsCompleted);
        verthash.Release(1);
        Assert.Equal(TestWork.HashOf(Header(1)), await waiting);
    }

    private static BlockHeader Header(uint nonce)
    {
        var reader = new ByteReader([.. new byte[76], .. BitConverter.GetBytes(nonce)]);
        return BlockHeader.Read(ref reader);
    }

    /// <summary>Stands still at every batch until it is released, and keeps the nonces of the batches.</summary>
    private sealed class HeldHash : IVerthash, IDisposable
    {
        private readonly OrdinaryHash _hash = new();
        private readonly SemaphoreSlim _entered = new(0);
        private readonly Lock _gate = new();
        private readonly ManualResetEventSlim _changed = new();
        private long _released;

        public ConcurrentQueue<uint[]> Batches { get; } = new();

        public bool Fails { get; set; }

        public Task Entered(CancellationToken ct) => _entered.WaitAsync(ct);

        public void Release(int batches)
        {
            lock (_gate)
                _released += batches;
            _changed.Set();
        }

        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => HashMany(header, hash);

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
        {
            Batches.Enqueue([.. headers.ToArray().Chunk(VerthashHasher.HeaderLength).Select(header => BitConverter.ToUInt32(header, 76))]);
            _entered.Release();
            while (!Pass())
                _changed.Wait();
            if (Fails)
                throw new InvalidOperationException("fails on purpose");
            _hash.HashMany(headers, hashes);
        }

        public void Dispose()
        {
            _entered.Dispose();
            _changed.Dispose();
        }

        private bool Pass()
        {
            lock (_gate)
            {
                if (_released > 0)
                {
                    _released--;
                    return true;
                }
                _changed.Reset();
                return false;
            }
        }
    }
}
