# shellcheck shell=bash
# Part of ./bsp: ./bsp run.

# One ./bsp run per data folder. A run that was killed may still be ending: its PostgreSQL holds the lock until it is done.
lock_data() {
  mkdir -p "$data/logs" && [[ -w $data ]] || fail "$data is not writable for $(id -un). Choose another folder with BSP_DATA."
  # PostgreSQL of root is another user, who has to pass through.
  chmod "$([[ $EUID -eq 0 ]] && echo 711 || echo 700)" "$data" && chmod 700 "$data/logs"
  exec 9>>"$data/lock"
  if ! flock -n 9; then
    local other
    other=$(cat "$data/lock")
    [[ ! -e /proc/${other:-none} ]] || fail "./bsp run is already using $data (process $other). Stop it, or choose another folder with BSP_DATA."
    say "Waiting for the previous run on $data to end ..."
    flock -w 60 9 || fail "Processes of the previous run on $data are still there after 60 s. 'fuser $data/lock' names them."
  fi
  echo $$ >"$data/lock"
}

split_address() { # variable's name, address: sets host and port to connect to
  local form='^http://(\[[0-9a-fA-F:]+\]|[^]:/[]+)(:([0-9]+))?/?$'
  [[ $2 =~ $form ]] || fail "$1=$2 is not of the form http://host:port."
  host=${BASH_REMATCH[1]//[\[\]]/} port=${BASH_REMATCH[3]:-80}
  case $host in 0.0.0.0 | '*' | + | ::) host=127.0.0.1 ;; esac
}

is_taken() { # host, port
  timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}

# The variables that make one run different from another; what a caller has set of them belongs to every command that we advise.
own_variables=(BSP_DATA BSP_URL BSP_SIMULATOR BSP_SIMULATOR_URL BSP_SIMULATOR_HTTP2_URL Cluster__SiloPort Cluster__GatewayPort)

caller_variables() { # puts them into the map given
  local name
  for name in "${own_variables[@]}"; do [[ -z ${!name-} ]] || given[$name]=${!name}; done
}

# Fails if any of these is taken, with one command in which none is.
check_ports_free() { # names of variables, each with an address or a port of this machine
  local name host port free taken='' command=''
  for name in "$@"; do
    case $name in
      *Port) host=127.0.0.1 port=${!name} ;; # 0, whichever is free, never answers
      *) split_address "$name" "${!name}" ;;
    esac
    is_taken "$host" "$port" || continue
    taken+="${taken:+, }$port"
    for ((free = port + 100; free + 100 <= 65535; free += 100)); do is_taken "$host" "$free" || break; done
    given[$name]=$free
    [[ $name == *Port ]] || given[$name]=http://$host:$free
  done
  [[ -n $taken ]] || return 0
  for name in "${own_variables[@]}"; do [[ -z ${given[$name]-} ]] || command+="$name=$(printf %q "${given[$name]}") "; done
  fail "Taken by other processes: port $taken. Choose others: $command./bsp run"
}

is_ready() { # only bash: a fresh machine may have no curl
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET /health/ready HTTP/1.0\r\nHost: $0\r\n\r\n" >&3 && read -r line <&3 && [[ $line == *" 200 "* ]]' "$host" "$port" 2>/dev/null
}

secret() { # name: a random word, made once and kept
  [[ -s $data/$1 ]] || (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$data/$1")
  cat "$data/$1"
}

start() { # name, command: runs it from its source folder (where its settings and pages are); its process id goes into the variable of that name
  local log=$data/logs/$1.log folder=src/OrleansBsp.${1^}
  [[ ! -e $log ]] || mv "$log" "$log.old"
  "${leash[@]}" env -C "$folder" "${@:2}" >"$log" 2>&1 </dev/null &
  printf -v "$1" %s $!
}

start_simulator() {
  local secret token
  secret=$(secret app-secret) token=$(secret verify-token)
  export Meta__AppSecret=${Meta__AppSecret:-$secret} Meta__VerifyToken=${Meta__VerifyToken:-$token}
  export Meta__GraphBaseUrl=${Meta__GraphBaseUrl:-${BSP_SIMULATOR_HTTP2_URL%/}/v26.0/} Meta__Http2PriorKnowledge=${Meta__Http2PriorKnowledge:-true}
  split_address BSP_URL "$BSP_URL"
  start simulator Simulator__Url="$BSP_SIMULATOR_URL" Simulator__Http2Url="$BSP_SIMULATOR_HTTP2_URL" \
    Simulator__WebhookUrl="http://$host:$port/webhooks/meta" Simulator__AppSecret="$Meta__AppSecret" Simulator__VerifyToken="$Meta__VerifyToken" \
    "${simulator_command[@]}"
}

died() { # says which of the two it was, with the end of its log
  local name code
  for name in server simulator; do
    [[ -n ${!name} ]] && ! kill -0 "${!name}" 2>/dev/null || continue
    code=0
    wait "${!name}" || code=$?
    tail -n 25 "$data/logs/$name.log" >&"$errors"
    [[ $name != server || $code -ne 78 ]] || fail "The server does not start as it is configured: see above. Its log is $data/logs/server.log"
    fail "The $name has ended by itself (exit code $code); above is the end of $data/logs/$name.log"
  done
}

# Shows the server's warnings and errors, three lines of each at most, and that it waits for the database. Each event begins at the margin with its moment and level.
show_warnings() {
  local line left=0 head='^([0-9TZ:.-]+ )?(warn|fail|crit): '
  tail -n +1 -s 0.2 -F --pid="$server" "$data/logs/server.log" 2>/dev/null | while IFS= read -r line; do
    if [[ $line =~ $head ]]; then left=3; elif [[ $line == 'The database does not answer'* ]]; then left=1; elif [[ $line != ' '* ]]; then left=0; fi
    ((left-- <= 0)) || say "$line"
  done
}

wait_until_ready() {
  local i
  split_address BSP_URL "$BSP_URL"
  for ((i = 0; i < 600; i++)); do
    died
    ! is_ready || return 0
    sleep 0.2
  done
  tail -n 25 "$data/logs/server.log" >&"$errors"
  fail "The server is not ready after two minutes; above is the end of $data/logs/server.log"
}

credential() { # name; printf %b undoes JSON's \u002B
  printf '%b' "$(sed -nE "s/.*\"$1\" *: *\"([^\"]*)\".*/\\1/p" "$data/credentials.json")"
}

greet() {
  say "" "API                http://$host:$port/api/v1  (described in /openapi/v1.json)"
  if [[ -r $data/credentials.json ]]; then
    say "First login        $(credential adminEmail)  $(credential adminPassword)" "API key            $(credential apiKey)" "                   (kept in $data/credentials.json)"
  fi
  say "Simulator          ${simulator:+$BSP_SIMULATOR_URL}${simulator_off:+off}" "Logs               $data/logs" "" "Ctrl-C stops everything."
}

# Before the build, and all of them at once.
check_ports() {
  local names=(BSP_URL)
  [[ -n $simulator_off ]] || names+=(BSP_SIMULATOR_URL BSP_SIMULATOR_HTTP2_URL)
  # A silo's; the defaults are the server's.
  if [[ -z ${Roles-} || ${Roles,,} == *dispatch* ]]; then
    local Cluster__SiloPort=${Cluster__SiloPort:-11111} Cluster__GatewayPort=${Cluster__GatewayPort:-30000}
    names+=(Cluster__SiloPort Cluster__GatewayPort)
  fi
  check_ports_free "${names[@]}"
}

run() {
  local -A given=()
  caller_variables
  export BSP_DATA=$data BSP_URL=${BSP_URL:-http://127.0.0.1:8080}
  export Cluster__OrleansDashboard=${Cluster__OrleansDashboard:-true}
  BSP_SIMULATOR_URL=${BSP_SIMULATOR_URL:-http://127.0.0.1:8090} BSP_SIMULATOR_HTTP2_URL=${BSP_SIMULATOR_HTTP2_URL:-http://127.0.0.1:8091}
  local simulator_off=''
  [[ ${BSP_SIMULATOR-} != off ]] || simulator_off=yes
  lock_data
  check_ports

  # tests/bsp-command puts stand-ins here, so that it tests this script and not the server.
  local server_command=(dotnet "$PWD/src/OrleansBsp.Server/bin/Release/net10.0/OrleansBsp.Server.dll")
  local simulator_command=(dotnet "$PWD/src/OrleansBsp.Simulator/bin/Release/net10.0/OrleansBsp.Simulator.dll")
  if [[ -n ${BSP_STAND_IN-} ]]; then
    server_command=(node "$BSP_STAND_IN" server) simulator_command=(node "$BSP_STAND_IN" simulator)
  else
    check_dotnet
    ensure_postgres
    build_dashboard
    say "Building ..."
    build Release src/OrleansBsp.Server src/OrleansBsp.Simulator
  fi

  say "Starting ..."
  [[ -n $simulator_off ]] || start_simulator
  start server "${server_command[@]}"
  exec {errors}>&2 2>/dev/null # bash's own reports of processes that a signal has ended; died says it
  show_warnings 9>&- &
  wait_until_ready
  greet
  wait -n "$server" ${simulator:+"$simulator"} || true
  died
}
