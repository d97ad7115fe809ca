#!/bin/sh
# Sets up what is missing, builds the solution and runs its tests. The last line is `N passed, N failed, N skipped`.
#   test.sh                    all tests
#   test.sh WORD               those whose full name contains WORD
#   test.sh --filter EXPR ...  any arguments of `dotnet test`
# Exit: 0 all passed, 1 a test failed, a test project broke off or no test ran, otherwise as scripts/setup.sh.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/messages.sh"
sh "$root/scripts/setup.sh" --tests || {
    status=$?
    echo "0 passed, 0 failed, 0 skipped"
    exit "$status"
}
case ${1-} in
    '' | -*) ;;
    *) word=$1 && shift && set -- --filter "FullyQualifiedName~$word" "$@" ;;
esac
{ read -r _ && read -r dotnet_folder; } < "$root/artifacts/app/stamp"
export DOTNET_ROOT="$dotnet_folder" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

# counter NAME FILE: one number of the <Counters .../> element of a test run's results; 0 without one.
counter() {
    number=$(sed -n "s/.*<Counters.* $1=\"\([0-9]*\)\".*/\1/p" "$2" 2>/dev/null | head -n 1)
    echo "${number:-0}"
}

passed=0 failed=0 skipped=0 broken=
for project in "$root"/tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    log=$results/$name.log
    begun=$(date +%s)
    ended=0
    "$dotnet_folder/dotnet" test "$root/artifacts/bin/$name/release/$name.dll" --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" "$@" > "$log" 2>&1 < /dev/null || ended=$?
    total=$(counter total "$results/$name.trx")
    executed=$(counter executed "$results/$name.trx")
    good=$(counter passed "$results/$name.trx")
    bad=$((executed - good))
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
    if [ "$total" = 0 ] && [ "$ended" = 0 ]; then
        echo "$name: no tests"
    else
        echo "$name: $good passed, $bad failed, $((total - executed)) skipped ($(seconds_since "$begun") s)"
    fi
    [ "$bad" = 0 ] || sed -n '/^ *Failed /,/^Results File:/{/^Results File:/!p;}' "$log"
    # It ended badly although no test of it failed: a crash, a time-out, a file that is missing.
    if grep -q '^Test Run Aborted' "$log" || { [ "$ended" != 0 ] && [ "$bad" = 0 ]; }; then
        broken="$broken $name"
        failed=$((failed + 1))
        echo "$name: the run broke off (exit $ended); the whole log: $log"
        grep -v '^   at ' "$log" | cut -c 1-200 | tail -n 30
    fi
done
[ -z "$broken" ] || echo "broken off, counted as one failure each:$broken"
if [ $((passed + failed)) = 0 ]; then echo "no test ran"; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
