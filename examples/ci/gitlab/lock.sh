#!/bin/sh
# Keeps the lock and the snapshot of a stage on a branch of their own: `restore` puts them here, `save` pushes them.
set -eu

files="$STAGE.lock $STAGE.snapshot.json"
ref="refs/heads/$LOCK_BRANCH"
# shellcheck disable=SC2016 # git's own shell expands it, so that no command line shows the token
answer='!answer() { echo username=gbsync; echo "password=$LOCK_TOKEN"; }; answer'

kept() {
  if [ -n "${LOCK_TOKEN:-}" ]; then
    git -c credential.helper= -c "credential.helper=$answer" "$@"
  else
    git "$@"
  fi
}

# The newest commit of the branch; nothing where there is no such branch. Any other failure is one.
newest() {
  status=0
  kept ls-remote --exit-code "$LOCK_REMOTE" "$ref" >/dev/null || status=$?
  if [ "$status" -eq 2 ]; then
    return 0
  fi
  [ "$status" -eq 0 ] || return "$status"
  kept fetch --quiet --no-tags --depth=1 "$LOCK_REMOTE" "$ref" && git rev-parse FETCH_HEAD
}

restore() {
  commit=$(newest)
  if [ -z "$commit" ]; then
    echo "no branch $LOCK_BRANCH yet: gbsync starts without a lock"
    return 0
  fi
  for file in $files; do
    if git cat-file -e "$commit:$file" 2>/dev/null; then
      git show "$commit:$file" >"$file"
      echo "$file is as on $LOCK_BRANCH"
    fi
  done
}

save() {
  parent=$(newest)
  GIT_INDEX_FILE=$(mktemp -u)
  export GIT_INDEX_FILE
  if [ -n "$parent" ]; then git read-tree "$parent"; else git read-tree --empty; fi
  for file in $files; do
    if [ -f "$file" ]; then
      git update-index --add --cacheinfo "100644,$(git hash-object -w -- "$file"),$file"
    fi
  done
  tree=$(git write-tree)
  rm -f "$GIT_INDEX_FILE"
  unset GIT_INDEX_FILE
  if [ -n "$parent" ] && [ "$tree" = "$(git rev-parse "$parent^{tree}")" ]; then
    echo "$STAGE.lock is on $LOCK_BRANCH already"
    return 0
  fi
  commit=$(git -c user.name=gbsync -c user.email=gbsync@noreply.example.com \
    commit-tree "$tree" ${parent:+-p "$parent"} -m "Record what was applied")
  kept push --quiet "$LOCK_REMOTE" "$commit:$ref"
  echo "$STAGE.lock is kept on $LOCK_BRANCH"
}

case ${1:-} in
  restore) restore ;;
  save) save ;;
  *) echo "usage: lock.sh restore|save" >&2 && exit 2 ;;
esac
