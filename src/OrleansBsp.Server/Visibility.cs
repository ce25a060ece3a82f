[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Server.Tests")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Load")]
