# shellcheck shell=bash
# Part of ./bsp: starting and stopping. No process may stay behind, however we end.

# Children are sent TERM by the kernel when this shell dies, also by kill -9, and do not get the terminal's Ctrl-C: we stop them in order.
leash=(setsid)
if command -v setpriv >/dev/null; then leash+=(setpriv --pdeathsig TERM); fi

# For commands that have children of their own (builds, test runs): passes TERM on to all of its process group.
group_leash=("${leash[@]}" bash -c 'trap "trap - TERM; kill -TERM 0" TERM; "$@" & wait $!' bsp-group)

# Runs a command to its end. As a background job, because bash answers signals during `wait` at once but not during a command.
attend() {
  local status=0
  "${group_leash[@]}" "$@" 9>&- &
  helper=$!
  wait "$helper" || status=$?
  helper=''
  return "$status"
}

stop_process() { # process id, seconds: asks, waits, insists
  local i
  [[ -n $1 ]] && kill -TERM "$1" 2>/dev/null || return 0
  for ((i = 0; i < $2 * 10; i++)); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null
}

stop_everything() {
  trap '' INT TERM HUP PIPE # once is enough
  set +e                    # the terminal may be gone: a failing message must not keep us from stopping
  [[ -z $server ]] || say "Stopping ..."
  stop_process "$helper" 10
  stop_process "$beside" 10
  stop_process "$server" 25
  stop_process "$simulator" 5
  # All that we started holds the lock through file 9, PostgreSQL too: let go of it, and when we can have it again they are gone.
  [[ -z $scratch ]] || rm -rf "$scratch"
  if [[ -n $server ]]; then exec 9>>"$data/lock" && flock -w 20 9; fi
} 2>/dev/null

trap stop_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
trap 'exit 141' PIPE
