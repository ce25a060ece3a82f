# Two images from one file: "server" (the default) and "simulator", Meta's side to try it on.
#   docker build -t orleansbsp .
#   docker build -t orleansbsp-simulator --target simulator .
# The run-time base has no shell and no package manager; whatever replaces it only has to bring .NET, libssl and the time zones.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra

FROM ${SDK} AS build
WORKDIR /source
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 CI=true
# Packages first: this layer is kept until a lock file changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/OrleansBsp.Core/OrleansBsp.Core.csproj src/OrleansBsp.Core/packages.lock.json src/OrleansBsp.Core/
COPY src/OrleansBsp.Server/OrleansBsp.Server.csproj src/OrleansBsp.Server/packages.lock.json src/OrleansBsp.Server/
COPY src/OrleansBsp.Simulator/OrleansBsp.Simulator.csproj src/OrleansBsp.Simulator/packages.lock.json src/OrleansBsp.Simulator/
RUN dotnet restore src/OrleansBsp.Server --locked-mode && dotnet restore src/OrleansBsp.Simulator --locked-mode
COPY .editorconfig ./
COPY src src
RUN dotnet publish src/OrleansBsp.Server -c Release --no-restore -o /publish/server && \
    dotnet publish src/OrleansBsp.Simulator -c Release --no-restore -o /publish/simulator && \
    mkdir /publish/data

FROM ${RUNTIME} AS simulator
WORKDIR /app
COPY --from=build /publish/simulator ./
ENV DOTNET_EnableDiagnostics=0 \
    Simulator__Url=http://0.0.0.0:8090 \
    Simulator__Http2Url=http://0.0.0.0:8091
EXPOSE 8090 8091
USER 1654:1654
ENTRYPOINT ["dotnet", "OrleansBsp.Simulator.dll"]

FROM ${RUNTIME} AS server
WORKDIR /app
COPY --from=build /publish/server ./
# A new volume takes this folder's owner. Only /data and /tmp are written to: the root file system may be read-only.
COPY --from=build --chown=1654:1654 /publish/data /data
# EnableDiagnostics=0: no debugging socket, and no file of its own in /tmp. HTTP_PORTS is the base image's; BSP_URL says it here.
ENV DOTNET_EnableDiagnostics=0 \
    ASPNETCORE_HTTP_PORTS= \
    BSP_URL=http://+:8080 \
    BSP_DATA=/data
EXPOSE 8080 9464 11111 30000
USER 1654:1654
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["dotnet", "OrleansBsp.Server.dll", "health"]
ENTRYPOINT ["dotnet", "OrleansBsp.Server.dll"]
