#!/usr/bin/env bash
# Runs one command of gbsync and says in GITHUB_OUTPUT how it ended; whether that is a failure, verdict.sh decides.
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=.github/actions/gbsync/lock_file.sh
source "$here/lock_file.sh"
folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/gbsync.XXXXXX")

# The lines of a text as words: what stands in them is never read as shell.
lines() {
  printf '%s\n' "$1" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d'
}

mapfile -t paths < <(lines "${RUN_PATHS:-.}")
mapfile -t arguments < <(lines "${RUN_ARGUMENTS:-}")
unset_empty() {
  for name in "$@"; do
    if [ -z "${!name:-}" ]; then
      unset "$name"
    fi
  done
}
unset_empty GITBOOK_TOKEN GITBOOK_ORGANIZATION GITBOOK_ENDPOINT
file=$(lock_file "${RUN_LOCK_FILE:-}" "${RUN_PATHS:-.}")
snapshot=$(snapshot_file "$file")
lock=(--lock "$file")

case ${RUN_COMMAND:-} in
  validate) run=(gbsync validate) ;;
  plan)
    run=(gbsync plan "${lock[@]}" --detailed-exitcode --out "$folder/plan.json"
      --markdown "$folder/plan.md" --html "$folder/plan.html")
    if [ -z "${GITBOOK_TOKEN:-}" ] && [ -f "$snapshot" ]; then
      # A pull request from a fork has no token: it is planned against what was live after the last apply.
      run+=(--state "$snapshot")
    fi
    ;;
  apply) run=(gbsync apply "${lock[@]}" --auto-approve --events "$folder/events.jsonl") ;;
  drift) run=(gbsync drift "${lock[@]}") ;;
  *)
    echo "::error title=gbsync::command is '${RUN_COMMAND:-}'; it can be validate, plan, apply or drift" >&2
    exit 1
    ;;
esac

code=0
"${run[@]}" "${arguments[@]}" -- "${paths[@]}" | tee "$folder/output.txt" || code=${PIPESTATUS[0]}

if [ "$RUN_COMMAND" = apply ] && [ "${RUN_SNAPSHOT:-}" = true ] && [ "$code" -eq 0 ]; then
  gbsync export --snapshot "$snapshot" "${arguments[@]}" -- "${paths[@]}" >/dev/null
fi

changes=false
if [ "$code" -eq 2 ] || { [ "$RUN_COMMAND" = plan ] && [ "$code" -eq 3 ]; }; then
  changes=true
fi
summary=$(grep -E '^(Plan: |No changes\.|Apply (in)?complete!)' "$folder/output.txt" | tail -n 1 || true)
{
  echo "exit-code=$code"
  echo "changes=$changes"
  echo "folder=$folder"
  echo "summary=$summary"
} >>"$GITHUB_OUTPUT"
