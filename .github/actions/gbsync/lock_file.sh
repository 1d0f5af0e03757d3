# shellcheck shell=bash
# Where gbsync keeps its lock: as named, else gbsync.lock in the first path's folder. $1 name, $2 paths by line.

lock_file() {
  local named=$1 first
  if [ -n "$named" ]; then
    printf '%s\n' "$named"
    return
  fi
  first=$(printf '%s\n' "$2" | sed '/^[[:space:]]*$/d; s/^[[:space:]]*//; s/[[:space:]]*$//; q')
  first=${first:-.}
  if [ ! -d "$first" ]; then
    first=$(dirname "$first")
  fi
  first=${first#./}
  first=${first%/}
  if [ -z "$first" ] || [ "$first" = . ]; then
    printf 'gbsync.lock\n'
  else
    printf '%s/gbsync.lock\n' "$first"
  fi
}

# The snapshot stands beside the lock $1: `gbsync.snapshot.json` for `gbsync.lock`.
snapshot_file() {
  printf '%s.snapshot.json\n' "${1%.lock}"
}
