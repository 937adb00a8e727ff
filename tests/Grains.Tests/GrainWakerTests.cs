using System.Reflection;
using System.Threading.Channels;
using Grainpool.Daemon;
using Grainpool.P2Pool.Networks;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Grains.Tests;

public sealed class GrainWakerTests
{
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly FakeTimeProvider _time = new();
    private readonly Warnings _warnings = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GrainThatDoesNotAnswer_IsTold_AndCalledAgain()
    {
        using var waker = Waker(() => throw new TimeoutException("no answer"));
        await waker.StartAsync(Cancellation);
        _lifetime.NotifyStarted();
        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Equal("The template grain does not answer and is called again: no answer", await _warnings.Next(Cancellation));
            Assert.Equal("The share chain grain does not answer and is called again: no answer", await _warnings.Next(Cancellation));
            _time.Advance(TimeSpan.FromSeconds(10));
        }
        await waker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task SiloThatStops_WakesNobody_AndComplainsOfNobody()
    {
        var calls = 0;
        var called = new TaskCompletionSource();
        using var waker = Waker(() =>
        {
            calls++;
            _lifetime.StopApplication();
            called.TrySetResult();
            throw new TimeoutException("the silo stops");
        });
        await waker.StartAsync(Cancellation);
        _lifetime.NotifyStarted();
        await called.Task.WaitAsync(Cancellation);
        await waker.StopAsync(Cancellation);
        Assert.Equal(1, calls);
        Assert.Equal(0, _warnings.Waiting);
    }

    private GrainWaker Waker(Action call)
    {
        var factory = DispatchProxy.Create<IGrainFactory, Factory>();
        ((Factory)(object)factory).Call = call;
        return new GrainWaker(factory, new NodeSettings(KnownNetworks.Devnet, false, DaemonRequirements.Regtest), _lifetime, _time, _warnings);
    }

    /// <summary>Whatever is asked of it ends as the test wishes.</summary>
#pragma warning disable CA1852 // The proxy is a subtype, made at run time.
    private class Factory : DispatchProxy
#pragma warning restore CA1852
    {
        public Action Call { get; set; } = () => { };

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Call();
            throw new InvalidOperationException("the call of a test ends by itself");
        }
    }

    private sealed class Warnings : ILogger<GrainWaker>
    {
        private readonly Channel<string> _texts = Channel.CreateUnbounded<string>();

        public int Waiting => _texts.Reader.Count;

        public async Task<string> Next(CancellationToken cancellation) => await _texts.Reader.ReadAsync(cancellation);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _texts.Writer.TryWrite(formatter(state, exception));
    }
}
