#!/usr/bin/env bash
# Puts the plan into one comment of the pull request: the one that carries its marker is updated, else one is made.
set -euo pipefail

if [ ! -s "${COMMENT_FILE:-}" ]; then
  echo "there is no plan to comment with"
  exit 0
fi
marker=$(head -n 1 "$COMMENT_FILE")
comments="repos/$GITHUB_REPOSITORY/issues/$COMMENT_NUMBER/comments"
found=$(
  MARKER=$marker gh api --paginate "$comments" \
    --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id' | head -n 1
)
if [ -n "$found" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$COMMENT_FILE"
  echo "the comment of the plan is up to date"
else
  gh api --silent --method POST "$comments" --field "body=@$COMMENT_FILE"
  echo "the plan is a comment of the pull request"
fi
