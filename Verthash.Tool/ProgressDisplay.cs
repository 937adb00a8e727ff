using Spectre.Console;

namespace Grainpool.Verthash.Tool;

/// <summary>Shows how far long work has come: bars on a terminal, plain lines anywhere else.</summary>
internal sealed class ProgressDisplay(IAnsiConsole console, TextWriter output, TimeProvider time)
{
    /// <summary>Shows the making of a data file, one bar a stage.</summary>
    public T Show<T>(Func<IProgress<VerthashGenerationProgress>, T> work) =>
        Show(stages => work(new Relay<VerthashGenerationProgress>(progress => stages(progress.Stage.ToString(), progress.Fraction))));

    /// <summary>Shows work of one stage.</summary>
    public T Show<T>(string stage, Func<IProgress<double>, T> work) =>
        Show(stages => work(new Relay<double>(fraction => stages(stage, fraction))));

    private T Show<T>(Func<Action<string, double>, T> work) =>
        console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal
            ? ShowBars(work)
            : work(new PlainProgress(output, time).Report);

    private T ShowBars<T>(Func<Action<string, double>, T> work) => console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context =>
        {
            var bars = new Dictionary<string, ProgressTask>();
            return work((stage, fraction) =>
            {
                if (!bars.TryGetValue(stage, out var bar))
                    bars.Add(stage, bar = context.AddTask(stage, maxValue: 1));
                bar.Value = fraction;
            });
        });

    // Tells on the caller's thread, in order; System.Progress would post to the pool.
    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
