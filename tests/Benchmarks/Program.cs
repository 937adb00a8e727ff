using BenchmarkDotNet.Running;
using Grainpool.Benchmarks;

// What is no time is measured without the harness.
if (args is ["memory"])
    Console.WriteLine($"{ChainVerification.BytesPerShare()} bytes for each share kept");
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
