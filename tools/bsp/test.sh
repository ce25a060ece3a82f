# shellcheck shell=bash
# Part of ./bsp: ./bsp test, ./bsp bench and ./bsp chaos.

# Runs one suite and shows what it prints.
suite() { # name, command
  local status=0 viewer
  say "" "== $1"
  : >"$logs/$1.log"
  "${group_leash[@]}" "${@:2}" >"$logs/$1.log" 2>&1 </dev/null &
  helper=$!
  tail -n +1 -f -s 0.2 --pid="$helper" "$logs/$1.log" &
  viewer=$!
  wait "$helper" || status=$?
  helper=''
  wait "$viewer" || true
  count "$1" "$status"
}

# Runs one suite, of those that hardly need the machine, beside the others; show_beside waits for it and shows what it has printed.
suite_beside() { # name, command
  "${group_leash[@]}" "${@:2}" >"$logs/$1.log" 2>&1 </dev/null &
  beside=$!
}

show_beside() { # name
  local status=0
  say "" "== $1 (beside the others)"
  wait "$beside" || status=$?
  beside=''
  cat "$logs/$1.log"
  count "$1" "$status"
}

# Adds up the lines "Failed: 1, Passed: 2, Skipped: 3" (those of dotnet test) of a suite.
count() { # name, exit code
  local log=$logs/$1.log f p s sum=0
  while read -r f p s; do
    failed=$((failed + f)) passed=$((passed + p)) skipped=$((skipped + s)) sum=$((sum + f))
  done < <(sed -nE 's/.*Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+).*/\1 \2 \3/p' "$log")
  if [[ $2 -ne 0 && $sum -eq 0 ]]; then # a crash before or after the tests is a failure too
    failed=$((failed + 1))
    echo "  Failed $1 ended with exit code $2" | tee -a "$log"
  fi
}

# What failed, each with the first lines of its reason: the rest is far above.
show_failures() {
  awk '/^ *(Failed [^:]| FAIL )/ { print }
    /^ *Stack Trace:/ { reason = 0 }
    reason-- > 0 { print "  " substr($0, 1, 600) }
    /^ *Error Message:/ { reason = 8 }' "$logs"/*.log
}

dotnet_suites() { # filter
  local project name
  for project in tests/*/*.csproj; do
    grep -q '<IsTestProject>true' "$project" || continue
    name=$(basename "$project" .csproj)
    suite "$name" dotnet test "$project" -c Debug --no-build --logger 'console;verbosity=minimal' --logger "trx;LogFileName=$logs/$name.trx" ${1:+--filter "FullyQualifiedName~$1"}
  done
}

dashboard_suite() {
  [[ -f src/dashboard/package.json ]] || return 0
  build_dashboard packages
  # Vitest's summary, "Tests  1 failed | 2 passed (3)", in the words of dotnet test.
  suite dashboard env NO_COLOR=1 bash -c 'npm test --prefix src/dashboard 2>&1 | awk "{ print } /^ *Tests  / { for (i = 2; i <= NF; i++) n[\$i] = \$(i - 1) }
    END { printf \"Failed: %d, Passed: %d, Skipped: %d\n\", n[\"failed\"], n[\"passed\"], n[\"skipped\"] }"; exit "${PIPESTATUS[0]}"'
}

run_tests() { # filter
  logs=$PWD/TestResults/bsp
  rm -rf "$logs" && mkdir -p "$logs"
  # A place of our own for what tests leave in /tmp, removed at the end; PostgreSQL of root is another user, who has to pass through.
  scratch=$(mktemp -d) && chmod 711 "$scratch" && export TMPDIR=$scratch
  case ${1-} in
    bsp-command) suite bsp-command tests/bsp-command/test.sh ;;
    dashboard) dashboard_suite ;;
    *)
      check_dotnet
      ensure_postgres
      ensure_kustomize
      attend tools/sqs/install || fail "The SQS server of the tests could not be installed."
      attend tools/manifests/install || fail "The schemas of Kubernetes, which the manifests are checked against, could not be installed."
      say "Building ..."
      build Debug OrleansBsp.sln # not Release: that is what a ./bsp run beside us has open
      [[ -n ${1-} ]] || suite_beside bsp-command tests/bsp-command/test.sh
      dotnet_suites "${1-}"
      if [[ -z ${1-} ]]; then
        dashboard_suite
        show_beside bsp-command
      fi
      ;;
  esac
  say ""
  show_failures
  say "$passed passed, $failed failed, $skipped skipped"
  [[ $failed -eq 0 && $passed -gt 0 ]]
}

bench() {
  check_dotnet
  ensure_postgres
  [[ " $* " != *" --dispatch "* ]] || attend tools/sqs/install || fail "The SQS server could not be installed."
  build Release tests/OrleansBsp.Load
  attend dotnet tests/OrleansBsp.Load/bin/Release/net10.0/OrleansBsp.Load.dll "$@"
}

chaos() {
  check_dotnet
  ensure_postgres
  attend tools/sqs/install || fail "The SQS server could not be installed."
  build Release tests/OrleansBsp.Chaos
  attend dotnet tests/OrleansBsp.Chaos/bin/Release/net10.0/OrleansBsp.Chaos.dll "$@"
}
