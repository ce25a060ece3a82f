using System.Net;

namespace OrleansBsp.Server.Meta;

/// <summary>Whose message is posted: it says whether it may still be written, and hears that it was.</summary>
public interface IPosted
{
    /// <summary>False: it is too late for it.</summary>
    bool MayBeWritten { get; }

    /// <summary>The request has been handed to the network. Called on any thread.</summary>
    void Written();
}

/// <summary>
/// A body that is written in time or not at all. A process that stood still before (SIGSTOP, a frozen machine) may have been declared dead, and what it
/// had released belongs to another by now. Meta gets a request without its body then, which it cannot have accepted.
/// </summary>
internal sealed class TimelyContent(ReadOnlyMemory<byte> body, IPosted message) : HttpContent
{
    private const int Waiting = 0, Begun = 1, Forbidden = 2;

    private int _state;

    /// <summary>From now on nothing of it is written.</summary>
    /// <returns>False: it has been begun, and some of it may have arrived.</returns>
    public bool Forbid() => Interlocked.CompareExchange(ref _state, Forbidden, Waiting) != Begun;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!message.MayBeWritten) Forbid();
        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) == Forbidden) throw new IOException("it was too late to write the request");
        await stream.WriteAsync(body, cancellationToken);
        message.Written();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
