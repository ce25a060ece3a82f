using System.Text.RegularExpressions;
using k8s.Models;

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

    [Fact]
    public void A_slip_in_a_name_is_noticed()
    {
        Assert.True(ServerSettings.Knows("Meta__AppSecret"));
        Assert.False(ServerSettings.Knows("Meta__AppSecrt"));
        Assert.False(ServerSettings.Knows("Meta_AppSecret"));
        Assert.False(ServerSettings.Knows("Matter__AppSecret"));
        Assert.True(ServerSettings.Knows("Simulator__Statuses__ReadProbability"));
        Assert.False(ServerSettings.Knows("Simulator__Statuses__ReadProbably"));
    }

    [Theory, MemberData(nameof(ManifestTests.Folders), MemberType = typeof(ManifestTests))]
    public void Secrets_are_never_written_down(string folder)
    {
        var manifests = Manifests.Of(folder);
        Assert.Empty(manifests.Of<V1Secret>());
        Assert.All(manifests.Settings.Data, setting => Assert.DoesNotMatch(SecretName(), setting.Key));
        Assert.All(manifests.Workloads.SelectMany(one => one.Container.Env ?? []).Where(one => SecretName().IsMatch(one.Name)), one => Assert.Null(one.Value));
        Assert.All(manifests.Workloads.Where(one => one.IsServer), server =>
        {
            Assert.Contains(server.Container.EnvFrom, one => one.ConfigMapRef?.Name == "bsp-settings");
            Assert.Contains(server.Container.EnvFrom, one => one.SecretRef?.Name == "bsp-settings");
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

    [GeneratedRegex("Secret|VerifyToken|AccessToken|Password|ConnectionString|ApiKey")]
    private static partial Regex SecretName();
}
