using Grainpool.Grains.Peers;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Tests.Peers;

/// <summary>Who is to ask for which missing share, and when it is given up.</summary>
public sealed class ShareRequestsTests
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    private readonly ShareRequests _requests = new();

    [Fact]
    public void MissingShare_IsGivenToOneGateway_UntilItsTimeIsOver()
    {
        Miss(1);
        Assert.Equal([1], Take("one", Begin));
        Assert.Empty(Take("other", Begin));
        Assert.Empty(Take("other", Begin + ShareRequests.Lease - TimeSpan.FromTicks(1)));
        Assert.Equal([1], Take("other", Begin + ShareRequests.Lease));
    }

    [Fact]
    public void MissingShare_IsGivenToTheSameGatewayAgain_NotAtOnce()
    {
        Miss(1);
        Take("one", Begin);
        Assert.Empty(Take("one", Begin + ShareRequests.Again - TimeSpan.FromTicks(1)));
        Assert.Equal([1], Take("one", Begin + ShareRequests.Again));
    }

    [Fact]
    public void NewestChain_ComesFirst_AndNoMoreThanAskedFor()
    {
        Miss(1, 3, 2);
        Assert.Equal([3, 2], Take("one", Begin, most: 2));
        Assert.Equal([1], Take("other", Begin, most: 2));
    }

    [Fact]
    public void ShareAskedForTenTimes_IsNotWaitedFor_ButStillAskedFor()
    {
        Miss(1);
        Assert.True(_requests.IsFetchingNewerThan(0));
        for (var i = 0; i < 10; i++)
        {
            Assert.True(_requests.IsFetching);
            Assert.Equal([1], Take("one", Begin + (i * ShareRequests.Again)));
        }
        Assert.False(_requests.IsFetching);
        Assert.False(_requests.IsFetchingNewerThan(0));
        Assert.True(_requests.Any);
        Assert.Equal([1], Take("one", Begin + (10 * ShareRequests.Again)));
    }

    [Fact]
    public void ShareThatCame_IsForgotten_WithHowOftenItWasAskedFor()
    {
        Miss(1);
        Take("one", Begin);
        Miss();
        Assert.False(_requests.Any);
        Miss(1);
        Assert.Equal([1], Take("other", Begin));
    }

    private void Miss(params int[] shares) =>
        _requests.Replace([.. shares.Select(share => new MissingParent(Hash256.FromNumber((ulong)share), (uint)share, null))]);

    private IEnumerable<int> Take(string gateway, DateTimeOffset now, int most = 10) =>
        _requests.Take(gateway, most, _ => 1, now).Select(share => (int)share.Hash.ToNumber().ToDouble());
}
