using OrleansBsp.Server.Access;
using OrleansBsp.Server.Campaigns;
using OrleansBsp.Server.Campaigns.Audience;
using OrleansBsp.Server.Cluster;
using OrleansBsp.Server.Conversations;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Queues;
using OrleansBsp.Server.Settings;
using OrleansBsp.Server.Storage;
using OrleansBsp.Server.Telemetry;
using OrleansBsp.Server.Webhooks;

namespace OrleansBsp.Server.Hosting;

/// <summary>
/// Looks at all settings before anything is started, and tells everything that is wrong at once. Rules of one value stand on the properties of the options; here is
/// what several say together, and what belongs to no options.
/// </summary>
internal static class SettingsCheck
{
    private const string Connections = "ConnectionStrings";

    // OpenTelemetry's own. What is no address there it replaces by its default without a word.
    private static readonly string[] Collectors = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <summary>The sections that are ours, and what is bound to them.</summary>
    public static IReadOnlyDictionary<string, Type> Sections { get; } = new Dictionary<string, Type>
    {
        ["Access"] = typeof(AccessOptions), ["Audience"] = typeof(AudienceOptions), ["Campaigns"] = typeof(CampaignOptions), ["Cluster"] = typeof(BspClusterOptions),
        ["Conversations"] = typeof(ConversationOptions), ["Database"] = typeof(DatabaseOptions), ["Ingest"] = typeof(IngestOptions), ["Meta"] = typeof(MetaOptions),
        ["Queue"] = typeof(QueueOptions), ["Telemetry"] = typeof(TelemetryOptions),
    };

    /// <exception cref="SettingsException">Some cannot be used; a line for each.</exception>
    public static void ThrowIfWrong(IConfiguration configuration)
    {
        List<string> wrong = [.. ReadSections(configuration).Wrong, .. Single(configuration)];
        if (wrong.Count == 0) wrong.AddRange(Together(configuration)); // reads what is right by itself
        if (wrong.Count > 0) throw new SettingsException(string.Join('\n', wrong.Concat(Unknown(configuration))));
    }

    /// <summary>Names that mean nothing to us and stand in our sections, or in one that is called nearly as one of ours; a sentence for each.</summary>
    /// <remarks>
    /// They do not keep a process from starting. All processes of an installation have the same settings, and while versions change a process has those of a newer one:
    /// a pod of the old version that is started again before the new ones are ready, and all of them after an undo. It would have to refuse just then.
    /// </remarks>
    public static IReadOnlyList<string> Unknown(IConfiguration configuration)
    {
        var unknown = ReadSections(configuration).Unknown;
        foreach (var given in configuration.GetSection(Connections).GetChildren().Where(given => !given.Key.Equals("Postgres", StringComparison.OrdinalIgnoreCase)))
            unknown.Add(SettingNames.Unknown(given, Connections, ["Postgres"]));

        var ours = Sections.Keys.Append(Connections).ToList();
        foreach (var given in configuration.GetChildren().Where(given => given.GetChildren().Any() && !ours.Contains(given.Key, StringComparer.OrdinalIgnoreCase)))
            if (Spelling.NearestOrNull(given.Key, ours) is { } meant) unknown.Add($"There is no section {given.Key} of settings, so what is in it does nothing; did you mean {meant}?");
        return unknown;
    }

    /// <summary>Writes them to the log.</summary>
    public static WebApplication WarnOfUnknownSettings(this WebApplication app)
    {
        foreach (var unknown in Unknown(app.Configuration)) app.Logger.UnknownSetting(unknown);
        return app;
    }

    private static SectionReader ReadSections(IConfiguration configuration)
    {
        var reader = new SectionReader();
        foreach (var (name, options) in Sections) reader.Read(configuration.GetSection(name), options);
        return reader;
    }

    private static IEnumerable<string> Single(IConfiguration configuration)
    {
        if (MessageOrNull(() => RolesSetting.Read(configuration)) is { } role) yield return role;
        if (!ListenAddresses.AreValid(ServerAddress.Of(configuration))) yield return $"{ServerAddress.Name}={ServerAddress.Of(configuration)}: it must be {ListenAddresses.Form}.";
        if (configuration.GetConnectionString("Postgres") is { Length: > 0 } connection && ConnectionSetting.ProblemOrNull(connection) is { } problem) yield return problem;
        foreach (var name in Collectors)
            if (!new WebAddressAttribute().IsValid(configuration[name] ?? "")) yield return $"{name}={configuration[name]}: it must be {WebAddressAttribute.Form}.";
    }

    private static string? MessageOrNull(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (SettingsException wrong)
        {
            return wrong.Message;
        }
    }

    private static IEnumerable<string> Together(IConfiguration configuration)
    {
        var cluster = configuration.GetSection("Cluster").Get<BspClusterOptions>() ?? new BspClusterOptions();
        if (cluster.SiloPort != 0 && cluster.SiloPort == cluster.GatewayPort) yield return $"Cluster__SiloPort={cluster.SiloPort} and Cluster__GatewayPort={cluster.GatewayPort}: they must differ.";

        var queue = configuration.GetSection("Queue").Get<QueueOptions>() ?? new QueueOptions();
        var users = new[] { ("Queue__Kind", queue.Kind), ("Ingest__Kind", WebhooksSetup.Kind(configuration)) }.Where(user => user.Item2 == QueueKind.Sqs).Select(user => $"{user.Item1}=Sqs").ToList();
        if (users.Count > 0 && !SqsClients.KnowsWhere(queue.Sqs)) yield return $"{string.Join(", ", users)}: the queues' region is not known. Set Queue__Sqs__Region (such as ap-south-1), or Queue__Sqs__ServiceUrl for a server that is not Amazon's.";
    }
}
