#!/usr/bin/env bash
# dist.sh - source archive and wheel in dist/, made from a copy so that nothing else appears in the checkout.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
mkdir -p dist
.venv/bin/python tools/distributions.py "$ROOT/dist"
