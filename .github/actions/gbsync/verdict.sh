#!/usr/bin/env bash
# Fails the job where gbsync did: changes are none for a plan, and are one for drift.
set -euo pipefail

code=${VERDICT_CODE:-1}
if [ "$VERDICT_COMMAND" = plan ] && [ "$code" -eq 2 ]; then
  code=0
fi
exit "$code"
