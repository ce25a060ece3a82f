// Process control, file modes and the embedded PostgreSQL are Linux's.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Server.Tests")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Load")]
