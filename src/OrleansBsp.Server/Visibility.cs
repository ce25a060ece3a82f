[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Server.Tests")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Load")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Testing")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("OrleansBsp.Deployment.Tests")]
