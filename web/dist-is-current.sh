#!/usr/bin/env bash
# Builds the pages into a temporary folder and compares: web/dist must be what the sources give.
set -euo pipefail
cd "$(dirname "$0")"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
KINO_DIST="$fresh/dist" npx vite build --logLevel warn
if ! diff -r -q dist "$fresh/dist"; then
  echo "web/dist is not what web/src gives: run 'make web' and commit web/dist"
  exit 1
fi
echo "web/dist is current"
