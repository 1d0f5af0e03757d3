#!/usr/bin/env bash
# Keeps the lock, and the snapshot beside it, on a branch of their own: `restore` puts them where gbsync looks,
# `save` pushes what changed.
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=.github/actions/gbsync/lock_file.sh
source "$here/lock_file.sh"
file=$(lock_file "${LOCK_FILE:-}" "${LOCK_PATHS:-.}")
files=("$file" "$(snapshot_file "$file")")
branch=$LOCK_BRANCH
ref="refs/heads/$branch"
tries=5

git() {
  if [ -n "${LOCK_TOKEN:-}" ]; then
    local basic
    basic=$(printf 'x-access-token:%s' "$LOCK_TOKEN" | base64 | tr -d '\n')
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.${GITHUB_SERVER_URL:-https://github.com}/.extraheader" \
      GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $basic" command git "$@"
  else
    command git "$@"
  fi
}

# The newest commit of the branch; nothing where there is no such branch. Any other failure is one.
newest() {
  local status=0
  git ls-remote --exit-code origin "$ref" >/dev/null || status=$?
  if [ "$status" -eq 2 ]; then
    return
  fi
  [ "$status" -eq 0 ]
  git fetch --quiet --no-tags --depth=1 origin "$ref"
  git rev-parse FETCH_HEAD
}

restore() {
  local commit kept
  commit=$(newest)
  if [ -z "$commit" ]; then
    echo "no branch $branch yet: gbsync starts without a lock"
    return
  fi
  for kept in "${files[@]}"; do
    if git cat-file -e "$commit:$kept" 2>/dev/null; then
      mkdir -p "$(dirname "$kept")"
      git show "$commit:$kept" >"$kept"
      echo "$kept is as on $branch"
    fi
  done
}

# One commit on top of the branch that holds the files and leaves every other file there alone.
committed() {
  local parent=$1 index tree kept
  index=$(mktemp -u)
  export GIT_INDEX_FILE=$index
  if [ -n "$parent" ]; then
    git read-tree "$parent"
  else
    git read-tree --empty
  fi
  for kept in "${files[@]}"; do
    if [ -f "$kept" ]; then
      git update-index --add --cacheinfo "100644,$(git hash-object -w -- "$kept"),$kept"
    fi
  done
  tree=$(git write-tree)
  rm -f "$index"
  unset GIT_INDEX_FILE
  if [ -n "$parent" ] && [ "$tree" = "$(git rev-parse "$parent^{tree}")" ]; then
    return
  fi
  GIT_AUTHOR_NAME=gbsync GIT_AUTHOR_EMAIL=gbsync@users.noreply.github.com \
    GIT_COMMITTER_NAME=gbsync GIT_COMMITTER_EMAIL=gbsync@users.noreply.github.com \
    git commit-tree "$tree" ${parent:+-p "$parent"} -m "Record what was applied"
}

save() {
  local parent commit try
  if [ ! -f "$file" ] && [ ! -f "${files[1]}" ]; then
    echo "there is no $file to keep"
    return
  fi
  for try in $(seq "$tries"); do
    parent=$(newest)
    commit=$(committed "$parent")
    if [ -z "$commit" ]; then
      echo "$file is on $branch already"
      return
    fi
    if git push --quiet origin "$commit:$ref"; then
      echo "$file is kept on $branch"
      return
    fi
    echo "$branch moved meanwhile, try $try of $tries" >&2
    sleep "${LOCK_PAUSE:-2}"
  done
  echo "::error title=gbsync::the lock could not be pushed to $branch; the next plan shows publishes as unknown" >&2
  exit 1
}

case ${1:-} in
  restore) restore ;;
  save) save ;;
  *) echo "usage: lock.sh restore|save" >&2 && exit 2 ;;
esac
