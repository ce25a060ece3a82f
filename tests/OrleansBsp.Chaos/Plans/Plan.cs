using OrleansBsp.Testing.Faults;

namespace OrleansBsp.Chaos.Plans;

/// <param name="After">Time of quiet before it.</param>
internal sealed record Step(TimeSpan After, string Name, Fault Fault);

/// <summary>Faults one after another, while campaigns run; at its end everything is counted.</summary>
internal sealed record Round(int Number, IReadOnlyList<Step> Steps);

/// <summary>What goes wrong, in which order and how: it follows from the seed alone.</summary>
/// <remarks>Cards are dealt as from a deck, so each kind of fault comes before one comes again.</remarks>
internal static class Plan
{
    private const int StepsPerRound = 3;

    /// <summary>Without end.</summary>
    public static IEnumerable<Round> Of(int seed, int silos, Dispatch dispatch, IReadOnlyList<string> only)
    {
        var random = new Random(HashCode(seed, dispatch));
        var cards = Deck.Of(dispatch, only).ToArray();
        var dealt = new Queue<Card>();
        for (var number = 1; ; number++)
        {
            var steps = new List<Step>();
            while (steps.Count < StepsPerRound)
            {
                if (dealt.Count == 0)
                {
                    random.Shuffle(cards);
                    foreach (var card in cards) dealt.Enqueue(card);
                }

                var next = dealt.Dequeue();
                steps.Add(new Step(TimeSpan.FromMilliseconds(random.Next(1500, 5000)), next.Name, next.Deal(random, silos)));
            }

            yield return new Round(number, steps);
        }
    }

    // Not the framework's: that one differs from run to run.
    private static int HashCode(int seed, Dispatch dispatch) => unchecked(seed * 31 + (int)dispatch);
}
