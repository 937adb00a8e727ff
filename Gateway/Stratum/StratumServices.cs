using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Recording;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Gateway.Stratum;

/// <summary>What every session uses.</summary>
internal sealed record StratumServices(
    StratumSettings Settings,
    NetworkParameters Network,
    CurrentWork Work,
    JobFactory Jobs,
    MinerBook Book,
    SolutionDesk Desk,
    ISiloLink Silo,
    OperatorFee Fee,
    HostBook Hosts,
    WireRecorder Recorder,
    TimeProvider Time);
