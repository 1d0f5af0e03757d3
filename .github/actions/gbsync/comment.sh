#!/usr/bin/env bash
# Puts the plan into one comment of the pull request: the one that carries its marker is updated, else one is made.
# The token of a pull request from a fork may not write: that is a warning, and the plan stands in the job summary.
set -euo pipefail

if [ ! -s "${COMMENT_FILE:-}" ]; then
  echo "there is no plan to comment with"
  exit 0
fi
marker=$(head -n 1 "$COMMENT_FILE")
comments="repos/$GITHUB_REPOSITORY/issues/$COMMENT_NUMBER/comments"

# The ids of our comments; every page is read to its end, so that nothing writes into a closed pipe.
ours() {
  MARKER=$marker gh api --paginate "$comments" \
    --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id'
}

comment() {
  local found
  found=$(ours) || return
  found=${found%%$'\n'*}
  if [ -n "$found" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$COMMENT_FILE" || return
    echo "the comment of the plan is up to date"
  else
    gh api --silent --method POST "$comments" --field "body=@$COMMENT_FILE" || return
    echo "the plan is a comment of the pull request"
  fi
}

comment || echo "::warning title=gbsync::the pull request has no comment: its token may not write one" >&2
