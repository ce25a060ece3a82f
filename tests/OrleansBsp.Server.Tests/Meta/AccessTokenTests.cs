using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OrleansBsp.Server.Meta;
using OrleansBsp.Server.Tests.Cluster;
using OrleansBsp.Simulator;
using OrleansBsp.Simulator.Accounts;

namespace OrleansBsp.Server.Tests.Meta;

/// <summary>Meta's access tokens: unreadable in the database, bound to their account, and never handed out.</summary>
public sealed class AccessTokenTests
{
    private const string Secret = DefaultWorld.AccessToken;

    [Fact]
    public async Task A_token_is_stored_encrypted_and_no_endpoint_returns_it()
    {
        await using var meta = await SimulatorHost.StartAsync(new SimulatorOptions { Url = "http://127.0.0.1:0", Http2Url = "" });
        await using var server = await TestServer.StartAsync(
            withAccount: false, settings: ("Meta:GraphBaseUrl", new Uri(meta.Url, "v26.0/").ToString()));
        using var admin = await server.AdminAsync();
        using var added = await admin.PostAsJsonAsync("/api/v1/wabas", new { id = DefaultWorld.WabaId, name = "Example", accessToken = Secret });
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        Assert.DoesNotContain(Secret, await added.Content.ReadAsStringAsync());
        using var synced = await admin.PostAsJsonAsync("/api/v1/templates/sync", new { });
        Assert.True(synced.IsSuccessStatusCode);
        Assert.DoesNotContain(Secret, await synced.Content.ReadAsStringAsync());

        var document = JsonNode.Parse(await admin.GetStringAsync("/openapi/v1.json"))!;
        foreach (var path in document["paths"]!.AsObject().Where(path => path.Value!["get"] is not null && !path.Key.EndsWith("/live", StringComparison.Ordinal)))
        {
            using var answer = await admin.GetAsync(path.Key.Replace("{id}", path.Key.Contains("phone-numbers", StringComparison.Ordinal) ? DefaultWorld.HighNumberId : "1").Replace("{position}", "1"));
            Assert.True((int)answer.StatusCode < 500, $"{path.Key}: {answer.StatusCode}");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotContain(Secret, text);
            Assert.DoesNotContain("accessToken", text, StringComparison.OrdinalIgnoreCase);
        }

        var stored = await server.ReadAsync<byte[]>("select access_token from waba");
        Assert.Equal(-1, stored.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)));
        Assert.Equal(Secret, server.Services.GetRequiredService<TokenCipher>().Decrypt(DefaultWorld.WabaId, stored));
    }

    [Fact]
    public void A_token_cannot_be_moved_to_another_account_changed_or_read_with_another_key()
    {
        var cipher = new TokenCipher(RandomNumberGenerator.GetBytes(32));
        var stored = cipher.Encrypt("1", Secret);

        Assert.Equal(Secret, cipher.Decrypt("1", stored));
        Assert.NotEqual(stored, cipher.Encrypt("1", Secret));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Decrypt("2", stored));
        Assert.ThrowsAny<CryptographicException>(() => new TokenCipher(RandomNumberGenerator.GetBytes(32)).Decrypt("1", stored));
        for (var place = 0; place < stored.Length; place++)
        {
            var changed = stored.ToArray();
            changed[place] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => cipher.Decrypt("1", changed));
            Assert.ThrowsAny<CryptographicException>(() => cipher.Decrypt("1", stored.AsSpan(0, place)));
        }
    }

    [Fact]
    public void A_given_key_is_read_and_never_made_up()
    {
        var folder = Directory.CreateTempSubdirectory("bsp-key-").FullName;
        var file = Path.Combine(folder, "shared.key");
        Assert.Contains("does not exist", Assert.Throws<InvalidDataException>(() => TokenCipher.FromGivenFile(file)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(file));

        var key = RandomNumberGenerator.GetBytes(32);
        File.WriteAllBytes(file, key);
        Assert.Equal(Secret, TokenCipher.FromGivenFile(file).Decrypt("1", new TokenCipher(key).Encrypt("1", Secret)));

        File.WriteAllBytes(file, [.. key, 10]); // a line break at the end
        Assert.Contains("must hold 32 bytes, not 33", Assert.Throws<InvalidDataException>(() => TokenCipher.FromGivenFile(file)).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_key_is_made_once_and_only_its_owner_can_read_it()
    {
        var folder = Directory.CreateTempSubdirectory("bsp-key-").FullName;
        var file = Path.Combine(folder, "token.key");
        var stored = TokenCipher.FromFile(file).Encrypt("1", Secret);

        Assert.Equal(Secret, TokenCipher.FromFile(file).Decrypt("1", stored));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Processes_that_start_together_on_one_folder_have_one_key()
    {
        var folder = Directory.CreateTempSubdirectory("bsp-key-").FullName;
        for (var round = 0; round < 50; round++)
        {
            var file = Path.Combine(folder, $"{round}.key");
            using var together = new Barrier(8);
            var ciphers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                together.SignalAndWait();
                return TokenCipher.FromFile(file);
            }, TaskCreationOptions.LongRunning)));
            Assert.All(ciphers, cipher => Assert.Equal(Secret, cipher.Decrypt("1", ciphers[0].Encrypt("1", Secret))));
        }

        Assert.Equal(50, Directory.GetFiles(folder).Length); // nothing is left of those that came second
        Directory.Delete(folder, recursive: true);
    }
}
