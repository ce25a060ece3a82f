using Microsoft.Extensions.Time.Testing;
using OrleansBsp.Server.Queues;

namespace OrleansBsp.Server.Tests.Queues;

/// <summary>What a process tells of the age of a queue, of which it only knows what it receives.</summary>
public sealed class QueueReadingTests
{
    private readonly FakeTimeProvider _clock = new();
    private QueueReading? _last;

    [Fact]
    public void OldestSeconds_WhatWasReceived_IsTold() => Assert.Equal(7, Read(waiting: 1000, received: 7));

    [Fact]
    public void OldestSeconds_NothingWaits_IsZero()
    {
        Read(waiting: 3, received: 40);
        Assert.Equal(0, Read(waiting: 0, received: null));
    }

    [Fact]
    public void OldestSeconds_NothingIsReceivedAndMessagesWait_GrowsFromWhatWasKnown()
    {
        Read(waiting: 1000, received: 7);
        Assert.Equal(37, Read(waiting: 2000, received: null));
        Assert.Equal(67, Read(waiting: 3000, received: null));
        _clock.Advance(TimeSpan.FromSeconds(10)); // also between two readings
        Assert.Equal(77, _last!.OldestSeconds(_clock));
        Assert.Equal(2, Read(waiting: 3000, received: 2));
    }

    [Fact]
    public void OldestSeconds_NeverReceivedAnything_GrowsSinceMessagesWait()
    {
        Assert.Equal(0, Read(waiting: 5, received: null));
        Assert.Equal(30, Read(waiting: 5, received: null));
        Assert.Equal(0, Read(waiting: 0, received: null));
        Assert.Equal(30, Read(waiting: 1, received: null)); // since it was seen empty
    }

    // Half a minute after the one before.
    private double Read(long waiting, double? received)
    {
        _clock.Advance(TimeSpan.FromSeconds(30));
        _last = QueueReading.Of("webhooks", new QueueStanding(waiting, 0, 0, received), _last, _clock);
        return _last.OldestSeconds(_clock);
    }
}
