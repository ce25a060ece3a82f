using System.Net;

namespace OrleansBsp.Server.Meta;

/// <summary>
/// A body that is written soon after its request was begun or not at all. A process that stood still in between (SIGSTOP, a frozen machine) may have been declared dead, and what it
/// had released belongs to another by now. Meta gets a request without its body then, which it cannot have accepted.
/// </summary>
/// <param name="began">By <paramref name="clock"/>'s timestamps.</param>
internal sealed class TimelyContent(ReadOnlyMemory<byte> body, long began, TimeProvider clock) : HttpContent
{
    /// <summary>How long a request may take to get a connection and its turn on it. Less than any silo needs to be declared dead.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2.5);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        clock.GetElapsedTime(began) <= Limit ? stream.WriteAsync(body, cancellationToken).AsTask() : throw new TooLateException();

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }

    /// <summary>Nothing of the body was written.</summary>
    internal sealed class TooLateException() : Exception($"the request waited for more than {Limit.TotalSeconds:0.#} s before it could be written");
}
