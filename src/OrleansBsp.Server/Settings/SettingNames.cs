namespace OrleansBsp.Server.Settings;

internal static class SettingNames
{
    /// <summary>A path of the configuration (<c>Queue:Kind</c>) as the name of the environment variable, which is how operators and the documents write it.</summary>
    public static string OfVariable(string path) => path.Replace(":", "__", StringComparison.Ordinal);

    /// <returns>That <paramref name="given"/> means nothing, and what it was probably meant to be or what there is.</returns>
    public static string Unknown(IConfigurationSection given, string section, IReadOnlyList<string> known) =>
        Spelling.NearestOrNull(given.Key, known) is { } meant
            ? $"There is no setting {OfVariable(given.Path)}, so it does nothing; did you mean {OfVariable(section)}__{meant}?"
            : $"There is no setting {OfVariable(given.Path)}, so it does nothing. {OfVariable(section)} has {string.Join(", ", known)}.";
}
