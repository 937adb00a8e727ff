using BenchmarkDotNet.Running;
using Grainpool.Benchmarks;
using Grainpool.Benchmarks.Peers;
using Grainpool.Benchmarks.Stratum;

// What is no time of a method is measured without the harness.
if (args is ["stratum", .. var rows])
    return await StratumRows.RunAsync(rows);
if (args is ["peers", .. var peerRows])
    return await PeerRows.RunAsync(peerRows);
if (args is ["memory"])
    return ShareMemory.Run();
BenchmarkSwitcher.FromAssembly(typeof(StratumRows).Assembly).Run(args);
return 0;
