using Microsoft.AspNetCore.Identity;

namespace OrleansBsp.Server.Access;

/// <summary>ASP.NET's password hash (PBKDF2, salted, with its own parameters in the text).</summary>
internal static class Passwords
{
    private static readonly PasswordHasher<object> Hasher = new();
    private static readonly object NoUser = new();

    // Verified against when there is no such user, so that both answers take the same time.
    private static readonly string Decoy = Hash("no user has this password");

    public static string Hash(string password) => Hasher.HashPassword(NoUser, password);

    /// <param name="hash">Null: there is no such user; the work is done all the same and the answer is no.</param>
    /// <param name="outdated">The password is right and its hash was made with weaker parameters than today's.</param>
    public static bool Verify(string? hash, string password, out bool outdated)
    {
        var result = Hasher.VerifyHashedPassword(NoUser, hash ?? Decoy, password);
        outdated = result == PasswordVerificationResult.SuccessRehashNeeded;
        return hash is not null && result != PasswordVerificationResult.Failed;
    }
}
