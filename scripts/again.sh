#!/usr/bin/env bash
# Runs a command and, where it fails, once more, one package at a time: some tests watch clocks, and a machine that others use
# may stop them for seconds. What failed is said either way; what Go has in its cache it does not run again; a data race fails at once.
set -uo pipefail
out=$(mktemp)
trap 'rm -f "$out"' EXIT
"$@" 2>&1 | tee "$out" && exit 0
if grep -q 'WARNING: DATA RACE' "$out"; then
	echo "again: a data race is not tried again" >&2
	exit 1
fi
echo "again: this failed, and is tried once more:" >&2
grep -E '^ *(--- FAIL|not ok|FAIL\b)' "$out" >&2
GOFLAGS="${GOFLAGS:-} -p=1" "$@"
