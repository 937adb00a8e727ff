using System.Collections.Immutable;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>How other nodes are treated. Times and sizes that the network's nodes expect of each other, or our own limits.</summary>
internal sealed record PeerSettings
{
    /// <summary>Port that others reach us at; 0 when they cannot.</summary>
    public int Port { get; init; }

    /// <summary>Nodes that came to us, at most.</summary>
    public int MostIncoming { get; init; } = 40;

    /// <summary>Of them, from one host.</summary>
    public int MostOfHost { get; init; } = 2;

    /// <summary>Of them, from one neighbourhood.</summary>
    public int MostOfGroup { get; init; } = 3;

    /// <summary>Nodes to go to, beside the configured ones.</summary>
    public int Outgoing { get; init; } = 6;

    /// <summary>Nodes to be connected with at all times, as host and port.</summary>
    public ImmutableArray<PeerEndpoint> Nodes { get; init; } = [];

    /// <summary>Address others are told of; null lets them see for themselves.</summary>
    public PeerEndpoint? External { get; init; }

    /// <summary>SOCKS5 proxy for outgoing connections; null for none.</summary>
    public PeerEndpoint? Proxy { get; init; }

    /// <summary>Time for the version message.</summary>
    public TimeSpan Introduction { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Silence after which a node is given up. Legacy nodes ping at random, every 100 s on average, so many a gap is longer than the 100 s they allow us.
    /// </summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Our own silence after which a ping goes out: legacy nodes give up after 100 s.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long we say nothing behind our version to a node that says nothing behind its own.</summary>
    public TimeSpan Reticence { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time for an answer to a request for shares.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After so long without an answer another node is asked as well.</summary>
    public TimeSpan Hedge { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Time from a request until its answer, which is empty when the silos did not give one by then. Silence for 15 s is a ban at legacy nodes.</summary>
    public TimeSpan SiloAnswer { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>After silos did not answer, requests are answered empty at once for so long: many in a row must not add up to 15 s.</summary>
    public TimeSpan SiloPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a node may take to read what it is sent.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a message may take to come once it has begun.</summary>
    public TimeSpan Message { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time to connect.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest payload of a node that has not introduced itself.</summary>
    public int MostBeforeIntroduction { get; init; } = 64 * 1024;

    /// <summary>Payloads above this take one of <see cref="LargePayloads"/> places.</summary>
    public int LargePayload { get; init; } = 1024 * 1024;

    /// <summary>Large payloads received at one time, over all nodes: bounds the memory they take.</summary>
    public int LargePayloads { get; init; } = 4;

    /// <summary>Bytes that may wait to be read by one node.</summary>
    public int MostQueued { get; init; } = 8 * 1024 * 1024;

    /// <summary>Ancestors asked for with one request.</summary>
    public int Parents { get; init; } = 499;

    /// <summary>Answers that are hashed at one time, over all nodes; more wait and are not even asked for.</summary>
    public int AnswersAtOnce { get; init; } = 4;

    /// <summary>Shares nobody asked for: so many at once of one host, and so many a second; more are ignored.</summary>
    public (double Most, double PerSecond) PushedShares { get; init; } = (200, 1);

    /// <summary>Of these, known ones among them, so many are looked at at all: so many at once of one host, and so many a second.</summary>
    public (double Most, double PerSecond) LookedAt { get; init; } = (4000, 20);

    /// <summary>Of these, so many may wait to be hashed and taken by the chain; more are ignored.</summary>
    public int MostSharesWaiting { get; init; } = 400;

    /// <summary>And so many bytes.</summary>
    public int MostShareBytesWaiting { get; init; } = 4 * 1024 * 1024;

    /// <summary>Shares a host may be given on request: so many at once, and so many a second; beyond it answers are empty.</summary>
    public (double Most, double PerSecond) GivenShares { get; init; } = (20_000, 200);

    /// <summary>Bytes read from one host: so many at once, and so many a second; more are read later.</summary>
    public (double Most, double PerSecond) Received { get; init; } = (64 * 1024 * 1024, 1024 * 1024);

    /// <summary>Addresses taken from one host: so many at once, and so many a second; more are ignored.</summary>
    public (double Most, double PerSecond) Addresses { get; init; } = (1000, 0.2);

    /// <summary>Requests of one host for addresses: so many at once, and so many a second; more are ignored.</summary>
    public (double Most, double PerSecond) AddressRequests { get; init; } = (20, 0.1);

    /// <summary>Block headers hashed for one host: so many at once, and so many a second; more are ignored.</summary>
    public (double Most, double PerSecond) Headers { get; init; } = (20, 0.1);

    /// <summary>Time between two advertisements of our address to one node, on average.</summary>
    public TimeSpan Advertisement { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time between two calls that keep this gateway registered.</summary>
    public TimeSpan Renewal { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>User name and password for the proxy; null when it asks for none.</summary>
    public (string User, string Password)? ProxyLogin { get; init; }
}
