using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using OrleansBsp.Server.Campaigns.Sending;
using OrleansBsp.Server.Hosting.Silos;
using OrleansBsp.Server.PhoneNumbers;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Server.Tests.Queues;
using OrleansBsp.Server.Tests.Scenarios;
using OrleansBsp.Simulator;
using OrleansBsp.Simulator.Fates;
using Xunit.Abstractions;

namespace OrleansBsp.Server.Tests.Telemetry;

/// <summary>
/// What docs/operations.md tells people to watch is there, by the names that it says: every measure of its table, and every measure and label of its alarms, in the
/// <c>/metrics</c> of a server that has sent by way of SQS; likewise what the autoscaler of the silos asks for. And what that server counted of its queues is right.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed partial class DocumentedMetricsTests(ITestOutputHelper output) : ScenarioTests(output), IAsyncLifetime
{
    private const int Orders = 300;

    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/operations.md"));
    private static readonly string Scaler = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../../k8s/components/keda/dispatch.yaml"));
    private static readonly string[] Others = ["orleans_", "db_client_", "dotnet_", "http_server_"];

    private SqsServer _sqs = null!;
    private Cable _cable = null!;

    protected override async Task<Stage> SetStageAsync()
    {
        _sqs = await SqsServer.StartAsync();
        _cable = new Cable(_sqs.Url);
        var options = _sqs.Options(_cable.Url, receivers: 4);
        options.ReceiveWaitSeconds = 5;
        using (var queues = SqsServer.Queues(options))
        {
            await queues.GetAsync(SendWorker.Queue, CancellationToken.None); // makes its dead-letter queue too
            await (await queues.GetAsync($"{SendWorker.Queue}-dead", CancellationToken.None)).SendAsync(["nobody could handle this"], CancellationToken.None);
        }

        return await Stage.SetAsync(settings: [.. SqsServer.Settings(options).Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)), ("Queue__Kind", "Sqs"), ("Ingest__Kind", "Sqs")]);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _cable.DisposeAsync();
        await _sqs.DisposeAsync();
    }

    [Fact]
    public async Task Every_measure_of_the_document_is_told_by_a_server_and_so_are_the_labels_of_its_alarms()
    {
        var (during, after) = await LivedThroughAsync();
        var metrics = new Metrics($"{during.Text}\n{after.Text}"); // what limits a campaign is told only while it runs
        var known = metrics.Names.ToHashSet();
        var documented = Documented(known);
        Tell($"{documented.Count} measures: {string.Join(' ', documented)}");
        Assert.True(documented.Count >= 50, "The table of measures was not understood.");
        Assert.DoesNotContain(documented, name => name.EndsWith('*') ? !known.Any(one => one.StartsWith(name[..^1], StringComparison.Ordinal)) : !IsTold(name, known));

        var elsewhere = MeasureName().Matches(Document).Select(match => match.Value).Where(name => name.StartsWith("bsp_", StringComparison.Ordinal)).Distinct();
        Assert.DoesNotContain(elsewhere, name => !IsTold(name, known));

        var alarms = Alarms();
        Assert.InRange(alarms.Count, 15, 100);
        var asked = ScalerQuery().Matches(Scaler).Select(query => query.Groups[1].Value).ToList();
        Assert.InRange(asked.Count, 3, 10);
        var values = LimitingWords();
        foreach (var alarm in alarms.Concat(asked))
        {
            var names = MeasureName().Matches(alarm).Select(match => match.Value).Distinct().ToList();
            Assert.NotEmpty(names);
            foreach (var name in names) Assert.True(known.Contains(name), $"{alarm}\nnames {name}, which no server tells.");
            foreach (Match selector in Selector().Matches(alarm))
            {
                foreach (Match matcher in Matcher().Matches(selector.Groups[2].Value))
                {
                    var (label, isExact, value) = (matcher.Groups[1].Value, matcher.Groups[2].Value == "=", matcher.Groups[3].Value);
                    if (label is "namespace" or "pod") continue; // Prometheus' own
                    Assert.True(metrics.HasLabel(selector.Groups[1].Value, label), $"{alarm}\n{selector.Groups[1].Value} has no label {label}.");
                    if (label == "by") Assert.Subset(values, value.Split('|').ToHashSet());
                    else if (isExact) Assert.True(metrics.Find(selector.Groups[1].Value, (label, value)) is not null, $"{alarm}\nno {selector.Groups[1].Value} has {label} {value}.");
                }
            }

            foreach (Match by in By().Matches(alarm))
                foreach (var label in by.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
                    Assert.True(names.Any(name => metrics.HasLabel(name, label)), $"{alarm}\nnothing in it has a label {label}.");
        }

        // The document's own list of what limits a number is the code's.
        Assert.Equal(values.Order(), Words().Order());
        await CheckQueueAsync(after);
        foreach (var grain in GrainKinds.ByClass.Keys.Select(name => name.Split('.')[^1]))
        {
            foreach (var what in (string[])["turn", "call"]) Assert.True(after.Find($"bsp_grain_{what}_duration_seconds_count", ("grain", grain)) > 0, $"no {what} of a {grain} was measured");
            Assert.True(after.Find("orleans_grains", ("grain_type", grain.Replace("Grain", "", StringComparison.Ordinal).ToLowerInvariant())) > 0, $"no activation of a {grain} was counted");
        }
    }

    // On a busy machine some come too late and are ordered again.
    private async Task CheckQueueAsync(Metrics metrics)
    {
        var sent = Of("bsp_queue_send_size_sum");
        Assert.True(sent >= Orders);
        Assert.Equal(await ClaimsAsync(), sent);
        Assert.InRange(Of("bsp_queue_receive_size_sum"), sent, 2 * sent);
        Assert.InRange(Of("bsp_queue_delete_size_sum"), sent, 2 * sent);
        Assert.InRange(Of("bsp_queue_send_duration_seconds_count"), sent / SqsQueue.MaxBatch, sent);
        foreach (var what in (string[])["send", "delete"])
        {
            var together = Of($"bsp_queue_{what}_size_sum") / Of($"bsp_queue_{what}_size_count");
            Tell($"{what}: {together:0.0} at once");
            Assert.InRange(together, 2, SqsQueue.MaxBatch); // the slow campaign's go one by one
        }

        Assert.Equal(1, Of("bsp_queue_dead"));
        Assert.InRange(Of("bsp_queue_oldest_seconds"), 0, 60);
        Assert.InRange(Of("bsp_queue_wait_duration_seconds_count"), sent / SqsQueue.MaxBatch, 2 * sent);
        Assert.InRange(Of("bsp_queue_wait_duration_seconds_sum"), 0.001, 60 * Of("bsp_queue_wait_duration_seconds_count"));
        foreach (var empty in (string[])["bsp_queue_unconfirmed", "bsp_queue_unconfirmed_oldest_seconds", "bsp_queue_inhand"]) Assert.Equal(0, Of(empty));

        double Of(string name) => metrics.Value(name, ("queue", SendWorker.Queue));
    }

    /// <summary>All that the document speaks of happens once: a campaign, a single message, a webhook that is not understood, one that is not believed, and SQS that is away.</summary>
    private async Task<(Metrics During, Metrics After)> LivedThroughAsync()
    {
        Stage.Meta.Behaviour.Statuses = StatusProfile.Instant;
        var campaign = await Stage.LaunchAsync(Audience.Of(Orders));
        await Stage.WaitUntilCompletedAsync(campaign.Id);
        await Stage.WaitForAsync(campaign.Id, view => view.Books.Read == Orders, "all are read");
        await Stage.Api.SendMessageAsync(new { phoneNumberId = Stage.Number1000, to = "+919812340001", type = "template", template = new { name = "store_hours", language = new { code = "en_US" } } });
        var secret = new SimulatorOptions().AppSecret;
        var strange = Encoding.UTF8.GetBytes("""{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"statuses":[{"id":7}]}}]}]}""");
        Assert.Equal(200, await PostAsync(strange, TestServer.Sign(strange, secret)));
        Assert.Equal(401, await PostAsync(strange, TestServer.Sign(strange, "another")));
        var slow = await Stage.LaunchAsync(Audience.Of(1000), maxPerSecond: 5);
        var during = await Wait.UntilAsync(ReadAsync, seen => seen.Find("bsp_campaign_limited") > 0 && seen.Find("bsp_number_limited") > 0, "it is told what limits a campaign");
        await Stage.Api.CommandAsync(slow.Id, "cancel");
        await Wait.UntilAsync(ReadAsync, seen => seen.Find("bsp_campaign_inflight") is 0 or null && seen.Find("bsp_queue_delete_size_sum") >= seen.Value("bsp_queue_send_size_sum"), "all orders are deleted");
        await _cable.CutAsync();
        await Wait.UntilAsync(ReadAsync, seen => seen.Find("bsp_queue_failures_total", ("queue", SendWorker.Queue), ("what", "receiving")) > 0, "it is seen that SQS is away");
        _cable.Mend();
        return (during, await Wait.UntilAsync(ReadAsync, seen => seen.Find("bsp_inbox_problems_total") > 0 && seen.Find("bsp_inbox_waiting") == 0 && seen.Find("bsp_conversation_write_duration_seconds_count") > 0
            && seen.Find("bsp_queue_dead") is not null && seen.Find("bsp_queue_inhand") == 0, "everything has happened"));
    }

    private async Task<int> PostAsync(byte[] body, string signature)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Stage.Server.Url, "webhooks/meta")) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", signature);
        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>Each order that came through the queue has one, whether it came in time or not.</summary>
    private async Task<long> ClaimsAsync()
    {
        await using var command = Stage.Database.CreateCommand("select count(*) from send_claim");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<Metrics> ReadAsync() => new(await Stage.Api.Http.GetStringAsync("metrics"));

    // "`bsp_inbox_append_size`, `…_duration_seconds`": the second is the first with another end.
    private static List<string> Documented(HashSet<string> known)
    {
        var found = new List<string>();
        foreach (var row in Rows("## What to watch", "## Alarms"))
        {
            var before = "";
            foreach (Match name in Quoted().Matches(row[0]))
            {
                var text = name.Groups[1].Value;
                if (text.StartsWith('…'))
                {
                    var prefix = Enumerable.Range(1, before.Length - 1).Where(end => before[end] == '_').Select(end => before[..end]).LastOrDefault(start => IsTold(start + text[1..], known));
                    found.Add(prefix is null ? $"{before}: {text}" : prefix + text[1..]);
                }
                else if (text.StartsWith("bsp_", StringComparison.Ordinal) || Others.Any(other => text.StartsWith(other, StringComparison.Ordinal))) found.Add(before = text);
            }
        }

        return found;
    }

    private static List<string> Alarms() =>
        [.. Rows("## Alarms", "## What to do").Where(row => row.Count > 3).Select(row => Quoted().Match(row[2])).Where(quoted => quoted.Success).Select(quoted => quoted.Groups[1].Value)];

    private static List<List<string>> Rows(string from, string to)
    {
        var part = Document[Document.IndexOf(from, StringComparison.Ordinal)..Document.IndexOf(to, StringComparison.Ordinal)];
        return [.. part.Split('\n').Where(line => line.StartsWith('|') && !line.StartsWith("|--", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Replace("\\|", "\u0001", StringComparison.Ordinal).Split('|').Select(cell => cell.Replace('\u0001', '|').Trim()).ToList())];
    }

    private static HashSet<string> LimitingWords() =>
        [.. typeof(LimitingFactor).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => LimitingFactor.Label((string)field.GetValue(null)!)), LimitingFactor.Label("anything else")];

    private static HashSet<string> Words()
    {
        var start = Document.IndexOf("`by` is one of:", StringComparison.Ordinal) + 4;
        return [.. Quoted().Matches(Document[start..Document.IndexOf("\n\n", start, StringComparison.Ordinal)]).Select(word => word.Groups[1].Value)];
    }

    private static bool IsTold(string name, HashSet<string> known) => known.Contains(name) || known.Contains($"{name}_sum");

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(?:bsp|orleans|db_client|dotnet|http_server)_\w+")]
    private static partial Regex MeasureName();

    [GeneratedRegex(@"(\w+)\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex("""(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Matcher();

    [GeneratedRegex("query: (.+)")]
    private static partial Regex ScalerQuery();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex By();
}
