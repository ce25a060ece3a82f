#!/usr/bin/env bash
# Tests of ./bsp run with stand-ins for server and simulator: what it prints, and that no ending leaves a process behind.
# Waits for facts (a line, a process that is gone), each wait bounded.
set -uo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
data=$work/data # BSP_DATA goes to ./bsp only: alive() knows by it who belongs to it
export BSP_STAND_IN=$PWD/tests/bsp-command/stand-in.js
exec 2>"$work/errors" # bash reports every process here that we kill
passed=0 failed=0 started='' last_port=$((10000 + RANDOM % 1900))

# Below the range that Linux hands out (from 32768): nobody else's connection gets it before we listen. Each one once.
free_port() { # variable: gets an address
  while last_port=$((last_port + 1)) && (exec 3<>"/dev/tcp/127.0.0.1/$last_port") 2>/dev/null; do :; done
  printf -v "$1" 'http://127.0.0.1:%s' "$last_port"
}

choose_ports() {
  free_port BSP_URL && free_port BSP_SIMULATOR_URL && free_port BSP_SIMULATOR_HTTP2_URL
  export BSP_URL BSP_SIMULATOR_URL BSP_SIMULATOR_HTTP2_URL Cluster__SiloPort=0 Cluster__GatewayPort=0 # no stand-in listens on these
}

within() { # seconds, command: succeeds as soon as the command does
  local i
  for ((i = 0; i < $1 * 20; i++)); do
    "${@:2}" && return
    sleep 0.05
  done
  return 1
}

alive() { # process ids of all that works on our data folder: bsp, its children, their children
  grep -lzxs "BSP_DATA=$data" /proc/[0-9]*/environ | cut -d / -f 3 || true # processes vanish while grep looks
}

nobody() { [[ -z $(alive) ]]; }
says() { grep -qF -- "$1" "$work/output"; }
started_or_ended() { says 'Ctrl-C stops everything' || ended; }
ended() { ! kill -0 "$bsp" 2>/dev/null; }

start() { # in a process group of its own, as a terminal does, so that we can send what Ctrl-C sends; a hang-up too, also where we ourselves run under nohup
  choose_ports
  : >"$work/output"
  BSP_DATA=$data setsid env --default-signal=HUP ./bsp run >"$work/output" 2>&1 </dev/null &
  bsp=$!
  within 20 started_or_ended && says 'Ctrl-C stops everything' || return
  started=$(alive)
  [[ -n $(stand_in server) && $started == *$(cat "$data/database.pid")* ]]
}

nobody_left() { within 30 nobody && within 5 started_are_gone; }

started_are_gone() { # also those that have changed their environment; one that is dead and not yet fetched by its parent is gone
  local process
  for process in $started; do ! grep -qs '^State:.[^Z]' "/proc/$process/status" || return; done
}

exits_with() { # what bsp exited with
  wait "$bsp"
  [[ $? -eq $1 ]]
}

stop() {
  kill -TERM "$bsp" && within 30 ended
}

# --- cases ---------------------------------------------------------------------------------------------------------------

start_prints_address_and_credentials() {
  start && says "$BSP_URL" && says admin@example.com && says first-password && says 'key-' && says "$BSP_SIMULATOR_URL" && stop
}

both_sides_share_a_kept_secret() {
  local secret
  start && secret=$(cat "$data/app-secret") && [[ ${#secret} -eq 48 && $(stat -c %a "$data/app-secret") == 600 ]] &&
    grep -q "$secret" "$data/seen-by-server.json" && grep -q "$secret" "$data/logs/simulator.log" &&
    grep -q "$BSP_URL/webhooks/meta" "$data/logs/simulator.log" && stop && start && [[ $(cat "$data/app-secret") == "$secret" ]] && stop
}

second_start_keeps_the_data() {
  local first
  start && first=$(cat "$data/credentials.json") && stop && start && [[ $(cat "$data/credentials.json") == "$first" ]] && stop &&
    grep -q stopping "$data/logs/server.log.old"
}

ctrl_c_stops_everything() { start && kill -INT -- "-$bsp" && exits_with 130 && nobody_left; }
term_stops_everything() { start && kill -TERM "$bsp" && exits_with 143 && nobody_left; }
hangup_stops_everything() { start && kill -HUP "$bsp" && exits_with 129 && nobody_left; }
kill_9_stops_everything() { start && kill -KILL "$bsp" && nobody_left; }

killed_terminal_stops_everything() {
  choose_ports
  : >"$work/output"
  # `script` is the terminal; a pipe that stays open is its keyboard.
  mkfifo "$work/keyboard"
  BSP_DATA=$data script -qfc './bsp run' "$work/output" <>"$work/keyboard" >/dev/null 2>&1 &
  local terminal=$!
  within 20 says 'Ctrl-C stops everything' && started=$(alive) && kill -KILL "$terminal" && nobody_left
}

starts_again_right_after_kill_9() { start && kill -KILL "$bsp" && start && stop && nobody_left; }

a_taken_port_is_named() {
  local port
  start && port=${BSP_URL##*:} || return
  BSP_DATA=$work/other BSP_SIMULATOR=off ./bsp run >"$work/second" 2>&1
  [[ $? -eq 1 ]] && grep -q "Taken by other processes: port $port\. " "$work/second" && grep -q "BSP_URL=http://127.0.0.1:$((port + 100)) " "$work/second" && stop
}

all_taken_ports_are_named_with_one_command_that_works() {
  local command other
  start || return
  BSP_DATA="$work/an other" ./bsp run >"$work/second" 2>&1
  [[ $? -eq 1 ]] && grep -q "port ${BSP_URL##*:}, ${BSP_SIMULATOR_URL##*:}\. " "$work/second" || return
  command=$(sed -n 's/.* Choose others: //p' "$work/second")
  (eval "exec env $command") >"$work/second" 2>&1 &
  other=$!
  within 20 grep -q 'Ctrl-C stops everything' "$work/second" && [[ -e $work/an\ other/app-secret ]] && kill -TERM "$other"
  wait "$other"
  [[ $? -eq 143 ]] && stop
}

a_taken_port_of_the_silo_is_named() {
  local port
  start && port=${BSP_URL##*:} || return
  free_port BSP_URL
  BSP_DATA=$work/other BSP_SIMULATOR=off Cluster__SiloPort=$port ./bsp run >"$work/second" 2>&1
  [[ $? -eq 1 ]] && grep -q "BSP_URL=$BSP_URL BSP_SIMULATOR=off .*Cluster__SiloPort=$((port + 100)) Cluster__GatewayPort=0 ./bsp run" "$work/second" && stop
}

a_data_folder_in_use_is_named() {
  start || return
  BSP_DATA=$data ./bsp run >"$work/second" 2>&1
  [[ $? -eq 1 ]] && grep -q "already using $data (process $bsp)" "$work/second" && stop
}

a_dead_server_stops_the_simulator() {
  start && kill -KILL "$(stand_in server)" && exits_with 1 && says 'The server has ended by itself' && nobody_left
}

a_dead_simulator_stops_the_server() {
  start && kill -KILL "$(stand_in simulator)" && exits_with 1 && says 'The simulator has ended by itself' && nobody_left
}

stand_in() { # server or simulator: its process id
  local process
  for process in $started; do
    [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$process/cmdline") != "node $BSP_STAND_IN $1 " ]] || echo "$process"
  done 2>/dev/null
}

a_server_that_cannot_start_shows_its_log() {
  choose_ports
  BSP_DATA=$data STAND_IN_FAILS=3 ./bsp run >"$work/output" 2>&1
  [[ $? -eq 1 ]] && says 'cannot start because the test says so' && says 'The server has ended by itself (exit code 3)' && within 20 nobody
}

a_server_that_is_wrongly_configured_says_what_is_wrong() {
  choose_ports
  BSP_DATA=$data STAND_IN_FAILS=78 ./bsp run >"$work/output" 2>&1
  [[ $? -eq 1 ]] && says 'cannot start because the test says so' && says 'The server does not start as it is configured: see above.' && within 20 nobody
}

a_server_that_aborts_is_reported_once() {
  choose_ports
  BSP_DATA=$data STAND_IN_FAILS=ABRT ./bsp run >"$work/output" 2>&1
  [[ $? -eq 1 ]] && says 'The server has ended by itself (exit code 134)' && ! says Aborted && within 20 nobody
}

warnings_are_shown_from_the_first_line_on_and_nothing_else() {
  STAND_IN_SAYS=$'The database does not answer; waiting for it: refused\n2026-01-02T03:04:05.678Z info: Quiet[1]\n      said quietly
2026-01-02T03:04:05.678Z warn: Loud[2]\n      said loudly\n2026-01-02T03:04:05.678Z info: Quiet[3]\n      said quietly
fail: Loud[4]\n      first\n      second\n      third' start && within 5 says second && says 'waiting for it: refused' && says 'Loud[2]' && says 'said loudly' &&
    ! says uiet && ! says third && stop && nobody_left
}

an_unknown_command_is_named() {
  ./bsp foo >"$work/output" 2>&1
  [[ $? -eq 2 ]] && says "There is no command 'foo'" && says './bsp run ' || return
  ./bsp run extra >"$work/output" 2>&1
  [[ $? -eq 2 ]] && says "not 'extra'"
}

without_simulator_only_the_server_runs() {
  BSP_SIMULATOR=off start && [[ -z $(stand_in simulator) ]] && stop && nobody_left
}

cleanup() {
  local process
  for process in $(alive); do kill -KILL "$process" 2>/dev/null; done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

for case in start_prints_address_and_credentials both_sides_share_a_kept_secret second_start_keeps_the_data ctrl_c_stops_everything \
  term_stops_everything hangup_stops_everything kill_9_stops_everything killed_terminal_stops_everything starts_again_right_after_kill_9 \
  a_taken_port_is_named all_taken_ports_are_named_with_one_command_that_works a_taken_port_of_the_silo_is_named a_data_folder_in_use_is_named a_dead_server_stops_the_simulator a_dead_simulator_stops_the_server \
  a_server_that_cannot_start_shows_its_log a_server_that_is_wrongly_configured_says_what_is_wrong a_server_that_aborts_is_reported_once \
  warnings_are_shown_from_the_first_line_on_and_nothing_else an_unknown_command_is_named without_simulator_only_the_server_runs; do
  if "$case"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "  Failed bsp-command: ${case//_/ }"
    sed 's/^/      /' "$work/output"
    for process in $(alive); do kill -KILL "$process" 2>/dev/null; done
  fi
  within 10 nobody
done
echo "Failed: $failed, Passed: $passed, Skipped: 0"
[[ $failed -eq 0 ]]
