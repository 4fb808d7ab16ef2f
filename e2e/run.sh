#!/usr/bin/env bash
# Whole shows in real browsers on a real node. Installs Debian's headless Chromium where it is missing and may; else says what is missing.
# Arguments are test files (default: all) and options of Node's test runner, e.g. e2e/run.sh e2e/show.test.mjs --test-name-pattern=killed
set -euo pipefail
cd "$(dirname "$0")/.."

browser() { command -v chromium-headless-shell || command -v chromium || command -v google-chrome; }
if ! browser >/dev/null; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-noto-cjk fonts-noto-color-emoji >/dev/null
	else
		echo "the browser tests need Chromium: apt-get install chromium-headless-shell fonts-noto-cjk"
		exit 1
	fi
fi
KINO_TEST_BROWSER=$(browser)
export KINO_TEST_BROWSER

options=() files=()
for argument; do
	case $argument in
	-*) options+=("$argument") ;;
	*) files+=("$argument") ;;
	esac
done
((${#files[@]})) || files=(e2e/*.test.mjs)

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -o "$bin/kinoautomat" .
KINO_TEST_BINARY="$bin/kinoautomat" node --experimental-websocket --no-warnings --test --test-reporter=spec --test-concurrency=1 \
	--test-timeout=480000 "${options[@]}" "${files[@]}"
