#!/usr/bin/env bash
# Runs one command of gbsync and says in GITHUB_OUTPUT how it ended; whether that is a failure, verdict.sh decides.
set -euo pipefail

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/gbsync.XXXXXX")

# The lines of a text as words: what stands in them is never read as shell.
lines() {
  printf '%s\n' "$1" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d'
}

# The commit that a pull request is to be merged into; empty where there is none, or it cannot be had.
# `actions/checkout` checks out the merge of both, one commit deep: its first parent is what was merged into.
base_commit() {
  if [ -z "${GITHUB_BASE_REF:-}" ] || [ "${RUN_AGAINST:-true}" != true ]; then
    return
  fi
  local parents base what
  parents=$(git cat-file commit HEAD 2>/dev/null | sed -n '/^$/q; s/^parent //p')
  if [ "$(printf '%s\n' "$parents" | sed '/^$/d' | wc -l)" -eq 2 ]; then
    base=$(printf '%s\n' "$parents" | head -n 1)
    what=$base
  else
    base="origin/$GITHUB_BASE_REF"
    what="+refs/heads/$GITHUB_BASE_REF:refs/remotes/$base"
  fi
  # Only where it is missing: `--depth` would cut off the history of a whole clone.
  if ! git cat-file -e "$base^{commit}" 2>/dev/null &&
    ! git fetch --quiet --no-tags --depth=1 origin -- "$what" >&2; then
    echo "::warning title=gbsync::the base of this pull request could not be fetched; the plan does not say what it changes" >&2
    return
  fi
  printf '%s' "$base"
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
unset_empty GITBOOK_TOKEN GITBOOK_ORGANIZATION GITBOOK_ENDPOINT GBSYNC_LOCK_TOKEN
snapshot=${RUN_SNAPSHOT:-}
lock=(${RUN_LOCK:+--lock "$RUN_LOCK"})

case ${RUN_COMMAND:-} in
  validate) run=(gbsync validate) ;;
  plan)
    run=(gbsync plan "${lock[@]}" --detailed-exitcode --out "$folder/plan.json"
      --markdown "$folder/plan.md" --html "$folder/plan.html")
    if [ -z "${GITBOOK_TOKEN:-}" ] && [ -n "$snapshot" ]; then
      # A pull request from a fork has no token: it is planned against what was live after the last apply.
      run+=(--state "$snapshot")
    fi
    # A reviewer of a pull request sees first what it changes, and then what was there before.
    base=$(base_commit)
    if [ -n "$base" ]; then
      run+=(--against "$base")
    fi
    ;;
  apply) run=(gbsync apply "${lock[@]}" --lock-timeout 900 --auto-approve --events "$folder/events.jsonl") ;;
  drift) run=(gbsync drift "${lock[@]}") ;;
  *)
    echo "::error title=gbsync::command is '${RUN_COMMAND:-}'; it can be validate, plan, apply or drift" >&2
    exit 1
    ;;
esac

code=0
"${run[@]}" "${arguments[@]}" -- "${paths[@]}" | tee "$folder/output.txt" || code=${PIPESTATUS[0]}

# A snapshot takes the arguments that say where to look; those that say what to do mean nothing to it.
if [ "$RUN_COMMAND" = apply ] && [ -n "$snapshot" ] && [ "$code" -eq 0 ]; then
  where=()
  for argument in "${arguments[@]}"; do
    case $argument in
      --var=* | --var-file=* | --sandbox | --sandbox=* | --endpoint=* | --organization=* | --timeout=* | \
        --insecure-http | --log=*) where+=("$argument") ;;
    esac
  done
  gbsync export "${lock[@]}" --snapshot "$snapshot" "${where[@]}" -- "${paths[@]}" ||
    echo "::warning title=gbsync::no snapshot was recorded; a fork is planned against the one before" >&2
fi

changes=false
if [ "$code" -eq 2 ] || { [ "$RUN_COMMAND" = plan ] && [ "$code" -eq 3 ]; }; then
  changes=true
fi
# The comment of the pull request: its marker names the paths and the organization, so that two stages have two.
# Where no plan could be made it says so: an older plan must not stand there as if it were this one.
if [ "$RUN_COMMAND" = plan ]; then
  key=$(printf '%s' "${paths[*]} ${GITBOOK_ORGANIZATION:-}" | tr -cs 'A-Za-z0-9_.' - | cut -c 1-128)
  here="${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}"
  {
    printf '<!-- gbsync plan %s -->\n' "$key"
    if [ ! -s "$folder/plan.md" ]; then
      printf '### No plan could be made\n\n[The job](%s) says why.\n' "$here"
    elif [ "$code" -eq 3 ]; then
      printf '> **Refused by a guard.** [The job](%s) says why.\n\n' "$here"
    fi
    tail -n +2 "$folder/plan.md" 2>/dev/null || true
  } >"$folder/comment.md"
fi
summary=$(grep -E '^(Plan: |No changes\.|Apply (in)?complete!)' "$folder/output.txt" | tail -n 1 || true)
{
  echo "exit-code=$code"
  echo "changes=$changes"
  echo "folder=$folder"
  echo "summary=$summary"
} >>"$GITHUB_OUTPUT"
