using System.CommandLine;
using System.Runtime.InteropServices;
using Grainpool.Hosting;
using Grainpool.Local;
using Grainpool.Local.Parts;
using Grainpool.Verthash;
using Spectre.Console;

var storage = new Option<StorageChoice?>("--storage") { Description = "azurite or file; without it azurite when npm is there, else file" };
var silos = new Option<int>("--silos") { Description = "silos to run, 1 to 9", DefaultValueFactory = _ => 1 };
var full = new Option<bool>("--full-verthash") { Description = "let the simulated coin use Vertcoin's own data file of 1.28 GB" };
var miners = new Option<int>("--miners") { Description = "miners of our own for the simulated coin, 0 to 8", DefaultValueFactory = _ => 2 };
var data = new Option<DirectoryInfo?>("--data") { Description = "folder for all data; without it the one that orleans.yaml names" };
var offset = new Option<int>("--port-offset") { Description = "added to every port, so that several pools fit on one machine" };
var join = new Option<int?>("--join") { Description = "be a second node beside the pool of this machine that has this port offset: on its simulated coin, following its share chain; ports are 100 higher than its unless --port-offset says otherwise" };
silos.Validators.Add(Within(silos, 1, 9));
miners.Validators.Add(Within(miners, 0, 8));
offset.Validators.Add(Within(offset, 0, 30000));

var root = new RootCommand("Runs a whole pool on this machine: storage, silos, a gateway, and a simulated coin when no daemon is configured. Further arguments such as --stratum:port=9999 go to silos and gateway.")
{
    storage, silos, full, miners, data, offset, join,
};
root.TreatUnmatchedTokensAsErrors = false;
root.SetAction(async (parsed, _) =>
{
    var joined = parsed.GetValue(join);
    var ownOffset = joined is { } other && (parsed.GetResult(offset) is null or { Implicit: true }) ? other + LocalPlan.JoinedPortOffset : parsed.GetValue(offset);
    var settings = new LocalSettings(
        parsed.GetValue(storage), parsed.GetValue(silos), parsed.GetValue(full), parsed.GetValue(miners),
        parsed.GetValue(data)?.FullName, ownOffset, joined, [.. parsed.UnmatchedTokens]);
    var output = new PartOutput(AnsiConsole.Console, nameWidth: 8);
    using var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    try
    {
        await new LocalRun(settings, output).Run(stop.Token);
        return 0;
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        return 0;
    }
    catch (Exception exception) when (exception is PartFailedException or StartupException or VerthashDataFileException)
    {
        output.Write(Supervisor.OwnName, exception.Message);
        return 1;
    }

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
});
// The library would end the process two seconds after a signal, whatever still has to be stopped.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static Action<System.CommandLine.Parsing.OptionResult> Within(Option<int> option, int least, int most) => result =>
{
    if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
        result.AddError($"{option.Name} is {value}; allowed is {least} to {most}");
};
