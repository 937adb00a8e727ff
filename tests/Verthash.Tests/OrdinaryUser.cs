using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Grainpool.Verthash.Tests;

/// <summary>Runs something as the system would run it for a user who is not root, so that permissions mean something.</summary>
/// <remarks>
/// Builds often run as root, who may read every file. On Linux the user for file access belongs to the thread; giving it up
/// there takes the privilege away too, and ends with the thread.
/// </remarks>
internal static partial class OrdinaryUser
{
    public const string WhyNot = "Only Linux lets one thread give up its privilege.";

    private const uint Nobody = 65534;

    public static bool CanBeTaken => OperatingSystem.IsLinux();

    /// <summary>Runs the action on a thread of its own and waits; what it throws is thrown here.</summary>
    [SupportedOSPlatform("linux")]
    public static void Run(Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            if (Environment.IsPrivilegedProcess)
                _ = SetFileSystemUser(Nobody);
            thrown = Record.Exception(action);
        });
        thread.Start();
        thread.Join();
        if (thrown is not null)
            throw new InvalidOperationException("The action failed for an ordinary user.", thrown);
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetFileSystemUser(uint user);
}
