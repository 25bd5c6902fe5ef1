#!/usr/bin/env bash
# bench.sh: measures everything, keeps each case's figures in bench/results, and draws bench/report.html. It takes half an
# hour, and wants the machine to itself. CASES=call,reset measures some cases; QUICK=1 is a first look of three minutes without the
# browser, which keeps nothing in the tree.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=bench/results report=bench/report.html
if [ -n "${QUICK:-}" ]; then keep=$(mktemp -d) report=$keep/report.html; fi
failed=0 # a case that fails does not keep the others from being measured
step() { echo "== $1" >&2; }

# What peers have is measured beside them, in the second step.
theirs=$(go -C bench/peers run -tags wasmtime . -list | cut -d' ' -f1)
ours=$(bin/vitrine bench --list | cut -d' ' -f1 | grep -vxF "$theirs" || true)
pick() { # the cases of a list that are asked for, comma-separated
  if [ -n "${CASES:-}" ]; then tr , '\n' <<<"$CASES" | grep -xF "$1" || true; else echo "$1"; fi | paste -sd,
}

step "1 of 4: Remote DOM and QuickJS"
for dir in bench/bridge/remotedom bench/metering/kernels/js; do (cd $dir && npm install --silent --no-audit --no-fund --no-save); done
step "2 of 4: Vitrine's own cases"
list=$(pick "$ours")
[ -z "$list" ] || bin/vitrine bench ${QUICK:+--quick} --only "$list" --keep "$keep" || failed=1
step "3 of 4: beside other ways to run plugins"
list=$(pick "$theirs")
[ -z "$list" ] || go -C bench/peers run -tags wasmtime . ${QUICK:+-quick} -only "$list" -keep "$(realpath "$keep")" || failed=1
if [ -z "${QUICK:-}" ] && { [ -z "${CASES:-}" ] || [[ ,$CASES, == *,browser,* ]]; }; then
  step "4 of 4: in Chromium"
  (cd shell && npm ci --silent && node build.js --test)
  (cd bench/browser && npm ci --silent && node run.js) >"$keep/browser.new" || failed=1
  if [ -s "$keep/browser.new" ]; then mv "$keep/browser.new" "$keep/browser.jsonl"; else rm "$keep/browser.new"; fi
fi

bin/vitrine bench $(printf -- '--from %s ' "$keep"/*.jsonl) --html "$report" >/dev/null
[ -n "${QUICK:-}" ] || go run ./bench/report/readme README.md bench/results
echo "$report is the report" >&2
exit $failed
