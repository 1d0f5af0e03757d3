#!/usr/bin/env bash
# Installs gbsync: a version from PyPI, or the one that this action's own checkout holds.
set -euo pipefail

if [ -n "${GBSYNC_VERSION:-}" ]; then
  python -m pip install --quiet "gbsync==$GBSYNC_VERSION"
else
  python -m pip install --quiet "$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
fi
gbsync --version
