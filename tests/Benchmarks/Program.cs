using BenchmarkDotNet.Running;
using Grainpool.Benchmarks;

// What is no time is measured without the harness.
if (args is ["memory"])
    Console.WriteLine($"{ChainVerification.BytesPerShare()} bytes for each share kept");
else
    // In this process: a project of its own for each run, as BenchmarkDotNet otherwise makes, it seeks by the assembly's name, which is not the project's.
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args, "--inProcess"]);
