#!/usr/bin/env bash
# test.sh - lint, types, all of the tests on the main interpreter, the unit tests on each further suitable one.
# Everything is run even if something fails before it; the summary names each part, and the exit status is 0 only if
# all of them passed. The last line is pytest's own closing line of the whole suite.
set -uo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
summary=()
failed=0

part() { # part NAME COMMAND... : runs it, shows what it says, keeps its last line
    local name=$1 log=$work/log status closing
    shift
    printf '\n== %s\n' "$name"
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    closing=$(grep -v '^[[:space:]]*$' "$log" | tail -n 1)
    if ((status)); then
        failed=1
        summary+=("FAILED  $name")
    else
        summary+=("ok      $name")
    fi
    last_line=$closing
    return "$status"
}

tools/venv.sh .venv dev || exit 2
main=$(sed -n 1p .venv/.made-of)

# Nothing that must be tested is skipped because a program is missing: tests that need it then fail and say so.
missing=$(tools/packages.sh gost gcrypt postgres 2>&1 >/dev/null) || true
[[ -n $missing ]] && say "$missing"
export CI=${CI:-true}

part 'lint' .venv/bin/ruff check .
part 'format' .venv/bin/ruff format --check .
part 'types' .venv/bin/mypy -p mezhved
part "all tests, $("$main" -V)" .venv/bin/python -m pytest
closing=$last_line

while IFS= read -r python; do
    version=$(version_of "$python")
    name="unit tests, $("$python" -V)"
    if tools/venv.sh ".venv-$version" test "$python"; then
        part "$name" ".venv-$version/bin/python" -m pytest tests/unit
        summary[-1]+="  ${last_line//=/}"
    else
        failed=1
        summary+=("FAILED  $name: its environment could not be made")
    fi
done < <(further_pythons "$main")

printf '\n== Summary\n'
printf '%s\n' "${summary[@]}"
[[ $missing == 'Not installed'* ]] && printf '%s\n' "$missing"
printf '%s\n' "$closing"
exit "$failed"
