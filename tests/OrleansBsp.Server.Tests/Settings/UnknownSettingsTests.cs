using Microsoft.Extensions.Configuration;
using OrleansBsp.Server.Hosting;
using OrleansBsp.Server.Settings;

namespace OrleansBsp.Server.Tests.Settings;

public sealed class UnknownSettingsTests
{
    [Theory]
    [InlineData("Cluster:SiloPrt", "There is no setting Cluster__SiloPrt, so it does nothing; did you mean Cluster__SiloPort?")]
    [InlineData("Meta:AppSecrt", "There is no setting Meta__AppSecrt, so it does nothing; did you mean Meta__AppSecret?")]
    [InlineData("Queue:Sqs:Reagion", "There is no setting Queue__Sqs__Reagion, so it does nothing; did you mean Queue__Sqs__Region?")]
    [InlineData("Campaigns:Bogus", "There is no setting Campaigns__Bogus, so it does nothing. Campaigns has UncertainWindowSeconds, MaxInFlight, MaxUnrecorded, MaxAttempts, OutcomeWithinSeconds.")]
    [InlineData("ConnectionStrings:Postgre", "There is no setting ConnectionStrings__Postgre, so it does nothing; did you mean ConnectionStrings__Postgres?")]
    [InlineData("Campaign:MaxInFlight", "There is no section Campaign of settings, so what is in it does nothing; did you mean Campaigns?")]
    public void A_name_that_means_nothing_is_told_without_its_value(string name, string said) =>
        Assert.Equal([said], SettingsCheck.Unknown(With((name, "secret"))));

    [Theory]
    [InlineData("cluster:siloport")] // .NET does not mind the case
    [InlineData("Queue:Sqs:Region")]
    [InlineData("ConnectionStrings:Postgres")]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Kestrel:Limits:MaxConcurrentConnections")]
    [InlineData("Simulator:Url")]
    [InlineData("METADATA")]
    [InlineData("Queue")] // a variable of somebody else's, with no name of a setting behind it
    public void Whatever_means_something_or_is_not_ours_is_left_alone(string name) => Assert.Empty(SettingsCheck.Unknown(With((name, "1"))));

    [Fact]
    public void A_start_that_is_refused_tells_them_too()
    {
        var refused = Assert.Throws<SettingsException>(() => SettingsCheck.ThrowIfWrong(With(("Database:PoolSize", "0"), ("Cluster:SiloPrt", "5"))));
        Assert.Equal(["Database__PoolSize=0: it must be 1 to 1000.", "There is no setting Cluster__SiloPrt, so it does nothing; did you mean Cluster__SiloPort?"], refused.Message.Split('\n'));
    }

    [Theory]
    [InlineData("SiloPrt", "SiloPort")]
    [InlineData("PoolSise", "PoolSize")]
    [InlineData("poolsize", "PoolSize")]
    [InlineData("Bogus", null)]
    [InlineData("Port", null)]
    public void The_nearest_word_is_found_if_one_is_near(string word, string? meant) => Assert.Equal(meant, Spelling.NearestOrNull(word, ["SiloPort", "PoolSize", "Kind"]));

    private static IConfiguration With(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value))).Build();
}
