# shellcheck shell=bash
# Part of ./bsp: ./bsp test and ./bsp bench.

# Runs one suite, shows what it prints, and adds up its lines "Failed: 1, Passed: 2, Skipped: 3" (those of dotnet test).
suite() { # name, command
  local log=$logs/$1.log status=0 viewer f p s sum=0
  say "" "== $1"
  : >"$log"
  "${group_leash[@]}" "${@:2}" >"$log" 2>&1 </dev/null &
  helper=$!
  tail -n +1 -f -s 0.2 --pid="$helper" "$log" &
  viewer=$!
  wait "$helper" || status=$?
  helper=''
  wait "$viewer" || true
  while read -r f p s; do
    failed=$((failed + f)) passed=$((passed + p)) skipped=$((skipped + s)) sum=$((sum + f))
  done < <(sed -nE 's/.*Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+).*/\1 \2 \3/p' "$log")
  if [[ $status -ne 0 && $sum -eq 0 ]]; then # a crash before or after the tests is a failure too
    failed=$((failed + 1))
    echo "  Failed $1 ended with exit code $status" | tee -a "$log"
  fi
}

dotnet_suites() { # filter
  local project name
  for project in tests/*/*.csproj; do
    grep -q '<IsTestProject>true' "$project" || continue
    name=$(basename "$project" .csproj)
    suite "$name" dotnet test "$project" -c Debug --no-build --logger 'console;verbosity=minimal' ${1:+--filter "FullyQualifiedName~$1"}
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
      say "Building ..."
      build Debug OrleansBsp.sln # not Release: that is what a ./bsp run beside us has open
      dotnet_suites "${1-}"
      if [[ -z ${1-} ]]; then
        dashboard_suite
        suite bsp-command tests/bsp-command/test.sh
      fi
      ;;
  esac
  say ""
  grep -hE '^ *(Failed [^:]| FAIL )' "$logs"/*.log || true
  say "$passed passed, $failed failed, $skipped skipped"
  [[ $failed -eq 0 && $passed -gt 0 ]]
}

bench() {
  check_dotnet
  ensure_postgres
  build Release tests/OrleansBsp.Load
  attend dotnet tests/OrleansBsp.Load/bin/Release/net10.0/OrleansBsp.Load.dll "$@"
}
