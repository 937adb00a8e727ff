using System.Diagnostics;

namespace Grainpool.LoadGenerator;

/// <summary>A process of the pool on this machine, watched from outside.</summary>
internal sealed class PoolProcess : IDisposable
{
    private readonly Process _process;
    private readonly TimeSpan _before;

    /// <summary>Begins to watch.</summary>
    /// <exception cref="ArgumentException">There is no such process.</exception>
    public PoolProcess(int id)
    {
        _process = Process.GetProcessById(id);
        _before = _process.TotalProcessorTime;
    }

    /// <summary>Processor time since the beginning.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime - _before;
        }
    }

    /// <summary>Memory that it holds, bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public void Dispose() => _process.Dispose();
}
