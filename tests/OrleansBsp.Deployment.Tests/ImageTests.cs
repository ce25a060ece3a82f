using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace OrleansBsp.Deployment.Tests;

/// <summary>The Dockerfile and compose.yaml agree with the manifests and the server. That the image builds and serves is shown by <c>tools/image/verify</c>.</summary>
public sealed partial class ImageTests
{
    private static readonly string Dockerfile = Repository.Read("Dockerfile");

    [Fact]
    public void The_image_runs_as_the_user_and_on_the_ports_that_the_pods_expect()
    {
        var server = Dockerfile[Dockerfile.IndexOf("AS server", StringComparison.Ordinal)..];
        foreach (var workload in Manifests.Of("base").Workloads)
        {
            Assert.Contains($"USER {workload.Pod.SecurityContext.RunAsUser}:{workload.Pod.SecurityContext.RunAsGroup}\n", server);
            var exposed = Exposed().Match(server).Groups[1].Value.Split(' ');
            Assert.All(workload.Container.Ports ?? [], port => Assert.Contains($"{port.ContainerPort}", exposed));
        }

        Assert.Contains("HEALTHCHECK", server);
        Assert.Contains("ENTRYPOINT [\"dotnet\", ", server); // not by a shell, which would keep SIGTERM for itself
    }

    [Fact]
    public void Every_setting_of_image_and_compose_is_one_that_the_programs_know()
    {
        var inImage = Setting().Matches(Dockerfile).Select(one => one.Groups[1].Value).ToList();
        Assert.Contains("BSP_URL", inImage);
        var inCompose = ((string[])["server", "meta"]).SelectMany(service => Keys(Service(service)["environment"]));
        Assert.All(inImage.Concat(inCompose).Except(["DOTNET_NOLOGO", "DOTNET_CLI_TELEMETRY_OPTOUT", "CI"]), name => Assert.True(ServerSettings.Knows(name), $"{name} means nothing to the programs"));
    }

    [Fact]
    public void Compose_contains_the_server_as_the_cluster_does()
    {
        foreach (var name in (string[])["server", "meta"])
        {
            var service = Service(name);
            Assert.Equal("true", Text(service["read_only"]));
            Assert.Equal(["ALL"], Items(service["cap_drop"]));
            Assert.Equal(["no-new-privileges:true"], Items(service["security_opt"]));
            Assert.All(Items(service["ports"]), port => Assert.StartsWith("127.0.0.1:", port)); // plain HTTP and simulated secrets are for this machine
            Assert.Contains($"AS {Text(service["build"]["target"])}\n", Dockerfile);
        }

        Assert.True(int.Parse(Text(Service("server")["stop_grace_period"]).TrimEnd('s')) >= 25 + 5);
        Assert.False(((YamlMappingNode)Service("postgres")).Children.ContainsKey("ports")); // it asks for no password
    }

    [Fact]
    public void The_version_is_the_date_of_the_last_entry_of_the_changelog()
    {
        var entries = Entry().Matches(Repository.Read("docs/changelog.md"));
        Assert.Contains($"<Version>{entries[^1].Groups[1].Value.Replace('-', '.')}</Version>", Repository.Read("Directory.Build.props"));
    }

    private static YamlNode Service(string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Read("compose.yaml")));
        return yaml.Documents[0].RootNode["services"][name];
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static IEnumerable<string> Items(YamlNode node) => ((YamlSequenceNode)node).Select(Text);

    private static IEnumerable<string> Keys(YamlNode node) => ((YamlMappingNode)node).Children.Keys.Select(Text);

    [GeneratedRegex(@"^EXPOSE (.*)$", RegexOptions.Multiline)]
    private static partial Regex Exposed();

    [GeneratedRegex(@"^- (\d{4}-\d\d-\d\d)", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^(?:ENV +| {4})([A-Za-z_0-9]+)=", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
