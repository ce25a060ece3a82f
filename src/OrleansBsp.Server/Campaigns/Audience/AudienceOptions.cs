using System.ComponentModel.DataAnnotations;

namespace OrleansBsp.Server.Campaigns.Audience;

/// <summary>Section <c>Audience</c>: the bounds of an uploaded audience file.</summary>
public sealed class AudienceOptions
{
    /// <summary>Largest upload, in bytes. Default 500 MB. It is written to <see cref="SpoolFolder"/> first, so this much disk is needed per upload at a time.</summary>
    [Range(typeof(long), "1", "9223372036854775807")]
    public long MaxUploadBytes { get; set; } = 500_000_000;

    /// <summary>Longest row, in bytes of UTF-8 and with its quoted line breaks. Default 1 MB. Bounds the memory that one row can take; a quote that is never closed shows here.</summary>
    [Range(1, int.MaxValue)]
    public int MaxLineBytes { get; set; } = 1_000_000;

    /// <summary>Most rows of a file. Default 5,000,000. Each takes about 20 bytes of memory during the import, for finding duplicates.</summary>
    [Range(1, int.MaxValue)]
    public int MaxRows { get; set; } = 5_000_000;

    /// <summary>Most columns of a file. Default 100.</summary>
    [Range(1, int.MaxValue)]
    public int MaxColumns { get; set; } = 100;

    /// <summary>Longest value, in characters. Default 4,096: more than any template variable may hold. A longer one rejects its row.</summary>
    [Range(1, int.MaxValue)]
    public int MaxValueChars { get; set; } = 4_096;

    /// <summary>
    /// Where uploads wait until they have arrived completely. Default: the system's temporary folder. Not a folder in memory (a
    /// tmpfs counts as the memory of its pod). The files have no name on Unix, so even a killed server leaves none behind.
    /// </summary>
    public string SpoolFolder { get; set; } = Path.GetTempPath();
}
