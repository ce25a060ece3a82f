using System.Diagnostics;

namespace OrleansBsp.Deployment.Tests;

/// <summary>Programs that know more of manifests than these tests do.</summary>
internal static class Programs
{
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static (int ExitCode, string Output, string Errors) Run(string program, IEnumerable<string> arguments, string input = "")
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return (process.ExitCode, output.Result, errors.Result);
    }
}
