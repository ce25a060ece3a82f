using System.Globalization;

namespace OrleansBsp.Load.Rig;

/// <summary>What a scenario runs on.</summary>
/// <param name="Numbers">Phone numbers of the account.</param>
/// <param name="Silos">So many processes host the grains, behind one for the API and the webhooks; 0: one process is everything.</param>
/// <param name="SiloCores">What each silo gets of the processors at most, once it is warm; null: all that is there.</param>
/// <param name="BySqs">Released messages go through SQS.</param>
/// <param name="CountsStatements">PostgreSQL counts statements. It costs a little, so that plain benchmarks do without.</param>
/// <param name="KeepsConversations">Conversations stay in memory for the whole run.</param>
internal sealed record RigPlan(int Numbers, int Silos = 0, double? SiloCores = null, bool BySqs = false, bool CountsStatements = false, bool KeepsConversations = false)
{
    public override string ToString() =>
        (Silos switch { 0 => "one process", 1 => "1 silo", _ => $"{Silos} silos" }) + (SiloCores is { } cores ? string.Create(CultureInfo.InvariantCulture, $" of {cores} cores") : "") + (BySqs ? ", SQS" : "");
}
