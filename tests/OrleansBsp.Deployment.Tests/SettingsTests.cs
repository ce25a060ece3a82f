using System.Text.RegularExpressions;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Console;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Server.Queues;

namespace OrleansBsp.Deployment.Tests;

/// <summary>Settings reach the server under names that it knows, and secrets only by reference.</summary>
public sealed partial class SettingsTests
{
    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Every_setting_is_one_that_the_program_knows(string folder)
    {
        var manifests = Manifests.Of(folder);
        var names = manifests.Workloads.Where(one => one.Image is "orleansbsp" or "orleansbsp-simulator")
            .SelectMany(one => one.Container.Env ?? []).Select(one => one.Name).Concat(manifests.Settings.Data.Keys);
        Assert.All(names, name => Assert.True(ServerSettings.Knows(name), $"{name} means nothing to the server"));
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void No_setting_keeps_a_process_from_starting(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.All(manifests.Workloads.Where(one => one.IsServer), server =>
        {
            var settings = manifests.Settings.Data.Concat((server.Container.Env ?? []).Where(one => one.Value is not null).Select(one => KeyValuePair.Create(one.Name, one.Value)));
            var configuration = new ConfigurationBuilder();
            foreach (var (name, value) in settings) configuration.AddInMemoryCollection([new(name.Replace("__", ":", StringComparison.Ordinal), value)]);
            SettingsCheck.ThrowIfWrong(configuration.Build());
        });
    }

    [Fact]
    public void A_slip_in_a_name_is_noticed()
    {
        Assert.True(ServerSettings.Knows("Meta__AppSecret"));
        Assert.False(ServerSettings.Knows("Meta__AppSecrt"));
        Assert.False(ServerSettings.Knows("Meta_AppSecret"));
        Assert.False(ServerSettings.Knows("Matter__AppSecret"));
        Assert.True(ServerSettings.Knows("Simulator__Statuses__ReadProbability"));
        Assert.False(ServerSettings.Knows("Simulator__Statuses__ReadProbably"));
        Assert.True(ServerSettings.Knows("Logging__Console__FormatterOptions__IncludeScopes"));
        Assert.False(ServerSettings.Knows("Logging__Console__FormaterName"));
        Assert.False(ServerSettings.Knows("Logging__Console__FormatterOptions__TimeFormat"));
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Logs_are_for_programs_and_each_line_has_its_moment(string folder)
    {
        var settings = Manifests.Of(folder).Settings.Data;
        Assert.Equal(ConsoleFormatterNames.Json, settings["Logging__Console__FormatterName"]);
        // The formatter writes no time by itself, and the Z at its end has to be true.
        Assert.EndsWith("Z", settings["Logging__Console__FormatterOptions__TimestampFormat"]);
        Assert.Equal("true", settings["Logging__Console__FormatterOptions__UseUtcTimestamp"]);
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Secrets_are_never_written_down(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.Empty(manifests.Of<V1Secret>());
        Assert.All(manifests.Settings.Data, setting => Assert.DoesNotMatch(SecretName(), setting.Key));
        Assert.All(manifests.Workloads.SelectMany(one => one.Container.Env ?? []).Where(one => SecretName().IsMatch(one.Name)), one => Assert.Null(one.Value));
        Assert.All(manifests.Workloads.Where(one => one.IsServer), one => Assert.Contains(one.Container.EnvFrom, from => from.ConfigMapRef?.Name == "bsp-settings"));
        Assert.All(manifests.Workloads.Where(one => one.IsServer && !(folder == "overlays/prod" && one.Name == "bsp-webhooks")), server =>
        {
            Assert.True(server.HasDatabase);
            // The key files are where the settings say, and cannot be changed.
            var mount = Assert.Single(server.Container.VolumeMounts, one => one.Name == "keys");
            Assert.True(mount.ReadOnlyProperty);
            Assert.Equal("bsp-keys", server.Pod.Volumes.Single(one => one.Name == "keys").Secret.SecretName);
            Assert.Equal($"{mount.MountPath}/token.key", manifests.Settings.Data["Meta__TokenKeyFile"]);
            Assert.Equal($"{mount.MountPath}/credentials.json", manifests.Settings.Data["Access__CredentialsFile"]);
        });
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Only_the_job_migrates(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.Equal("false", manifests.Settings.Data["Database__Migrate"]);
        Assert.Equal(["bsp-migrate"], manifests.Workloads.Where(one => one.IsServer && one.Container.Args?.SequenceEqual(["migrate"]) == true).Select(one => one.Name));
        Assert.All(manifests.Workloads.Where(one => one.IsServer && one.Name != "bsp-migrate"), one => Assert.Null(one.Container.Args));
    }

    /// <summary>components/queued-webhooks: the door to the internet holds what it checks webhooks with, and nothing to get on with from there.</summary>
    [Fact]
    public void A_front_door_with_a_queue_has_no_way_to_the_database_and_no_keys()
    {
        var manifests = Manifests.Of("overlays/prod");
        Assert.Equal("Sqs", manifests.Settings.Data["Ingest__Kind"]); // of all roles: silos empty what the door fills
        Assert.NotEmpty(manifests.Settings.Data["Queue__Sqs__Region"]);
        Assert.NotEmpty(manifests.Settings.Data["Queue__Sqs__Prefix"]);

        var door = manifests.Roles.Single(one => one.Name == "bsp-webhooks");
        Assert.Equal("webhooks", door.Env("Roles").Value);
        Assert.False(door.HasDatabase);
        var secrets = door.Container.Env.Where(one => one.ValueFrom?.SecretKeyRef is not null).ToDictionary(one => one.Name, one => one.ValueFrom.SecretKeyRef);
        Assert.Equal(["Meta__AppSecret", "Meta__VerifyToken"], secrets.Keys.Order());
        Assert.All(secrets, one => Assert.Equal(("bsp-settings", one.Key), (one.Value.Name, one.Value.Key)));
        Assert.DoesNotContain(door.Pod.Volumes, volume => volume.Secret is not null);
        Assert.All((string[])["Meta__TokenKeyFile", "Access__CredentialsFile"], file => Assert.Equal("", door.Env(file).Value)); // or the shared settings would name files that are not there
    }

    [Fact]
    public void Whoever_uses_a_queue_has_an_account_with_a_role_of_its_own()
    {
        var manifests = Manifests.Of("overlays/prod");
        var accounts = manifests.Of<V1ServiceAccount>().ToDictionary(one => one.Metadata.Name, one => one.Metadata.Annotations?["eks.amazonaws.com/role-arn"]);
        Assert.All(manifests.Roles, role =>
        {
            Assert.Equal(role.Name, role.Pod.ServiceAccountName);
            Assert.EndsWith($":role/{role.Name}", accounts[role.Name]);
            Assert.Contains($"`{role.Name}`: `sqs:", Repository.Read("docs/kubernetes.md")); // its rights are written down
        });
        Assert.Null(accounts[manifests.Workloads.Single(one => one.Name == "bsp-migrate").Pod.ServiceAccountName]);
    }

    [Fact]
    public void Queues_that_are_made_beforehand_are_like_those_that_the_server_makes()
    {
        var (document, options) = (Repository.Read("docs/kubernetes.md"), new SqsOptions());
        Assert.Contains($"kept=MessageRetentionPeriod={TimeSpan.FromDays(14).TotalSeconds},MaximumMessageSize={SqsQueue.MaxBytes},VisibilityTimeout={options.VisibilitySeconds}\n", document);
        Assert.Contains($"maxReceiveCount\\\": {options.MaxReceiveCount}}}", document);
    }

    [GeneratedRegex("Secret|VerifyToken|AccessToken|Password|ConnectionString|ApiKey")]
    private static partial Regex SecretName();
}
