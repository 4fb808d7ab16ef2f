#!/usr/bin/env bash
# Installs Debian's redis-server where it is missing and may; else says what is missing. The tests start it themselves, on ports of their own.
set -euo pipefail
command -v redis-server >/dev/null && exit
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null
else
	echo "the tests of many nodes need redis-server 7 or newer: apt-get install redis-server"
	exit 1
fi
