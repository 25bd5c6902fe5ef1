#!/usr/bin/env bash
# bench.sh: measures everything, keeps each case's figures in bench/results, and draws bench/report.html. It takes an
# hour, and wants the machine to itself. CASES=call,reset measures some cases; QUICK=1 is a first look of three minutes without the
# browser, which keeps nothing in the tree. What fails is said, and does not keep the rest from being measured.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=bench/results report=bench/report.html
if [ -n "${QUICK:-}" ]; then keep=$(mktemp -d) report=$keep/report.html; fi
failed=()
try() { # what it is, and the command
  local what=$1; shift
  "$@" || { failed+=("$what"); echo "bench.sh: $what failed; the rest is measured all the same" >&2; }
}
step() { echo "== $1" >&2; }
pick() { # the cases of a list that are asked for, comma-separated
  if [ -n "${CASES:-}" ]; then tr , '\n' <<<"$CASES" | grep -xF "$1" || true; else echo "$1"; fi | paste -sd,
}
npm_in() { (cd "$1" && npm "${@:2}" --silent --no-audit --no-fund); }
browser() {
  (cd shell && npm ci --silent && node build.js --test) && npm_in bench/browser ci && (cd bench/browser && node run.js) >"$keep/browser.new"
  local code=$?
  if [ -s "$keep/browser.new" ]; then mv "$keep/browser.new" "$keep/browser.jsonl"; else rm -f "$keep/browser.new"; fi
  return $code
}

step "1 of 4: what is measured beside Vitrine is fetched and built"
for dir in bench/bridge/remotedom bench/metering/kernels/js; do try "npm in $dir" npm_in $dir install --no-save; done
peers=$(mktemp -d)
trap 'rm -rf "$peers"' EXIT
try "building the peers" go -C bench/peers build -tags wasmtime -o "$peers/peers" .
# What peers have is measured beside them, in the third step, or without them if they could not be built.
theirs= ours=$(bin/vitrine bench --list | cut -d' ' -f1)
if [ -x "$peers/peers" ]; then
  theirs=$("$peers/peers" -list | cut -d' ' -f1)
  ours=$(grep -vxF "$theirs" <<<"$ours" || true)
fi

step "2 of 4: Vitrine's own cases"
list=$(pick "$ours")
[ -z "$list" ] || try "$list" bin/vitrine bench ${QUICK:+--quick} --only "$list" --keep "$keep"
step "3 of 4: beside other ways to run plugins"
list=$(pick "$theirs")
[ -z "$theirs" ] || [ -z "$list" ] || try "$list" "$peers/peers" ${QUICK:+-quick} -only "$list" -keep "$keep"
if [ -z "${QUICK:-}" ] && { [ -z "${CASES:-}" ] || [[ ,$CASES, == *,browser,* ]]; }; then
  step "4 of 4: in Chromium"
  try browser browser
fi

bin/vitrine bench $(printf -- '--from %s ' "$keep"/*.jsonl) --html "$report" >/dev/null
[ -n "${QUICK:-}" ] || go run ./bench/report/readme README.md bench/results
echo "$report is the report" >&2
for what in "${failed[@]}"; do echo "failed: $what" >&2; done
[ ${#failed[@]} -eq 0 ]
