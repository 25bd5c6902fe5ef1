#!/usr/bin/env bash
# bench.sh: measures everything, keeps each case's figures in bench/results, and draws bench/report.html. It takes half an
# hour, and wants the machine to itself. CASES=call,reset measures some cases; QUICK=1 is a first look, and keeps nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=bench/results
[ -z "${QUICK:-}" ] || keep=$(mktemp -d)
failed=0 # a case that fails does not keep the others from being measured
step() { echo "== $1" >&2; }

# What peers have is measured beside them, in the second step.
theirs=$(go -C bench/peers run . -list | cut -d' ' -f1)
ours=$(bin/vitrine bench --list | cut -d' ' -f1 | grep -vxF "$theirs" || true)
pick() { # the cases of a list that are asked for, comma-separated
  if [ -n "${CASES:-}" ]; then tr , '\n' <<<"$CASES" | grep -xF "$1" || true; else echo "$1"; fi | paste -sd,
}

step "1 of 4: the peers of bytes and of the browser, and QuickJS"
for dir in bench/bridge/remotedom bench/browser bench/metering/kernels/js; do (cd $dir && npm install --silent --no-audit --no-fund --no-save); done
step "2 of 4: Vitrine's own cases"
list=$(pick "$ours")
[ -z "$list" ] || bin/vitrine bench ${QUICK:+--quick} --only "$list" --keep "$keep" || failed=1
step "3 of 4: beside other ways to run plugins"
list=$(pick "$theirs")
[ -z "$list" ] || go -C bench/peers run . ${QUICK:+-quick} -only "$list" -keep "$(realpath "$keep")" || failed=1
step "4 of 4: in Chromium"
if [ -z "${CASES:-}" ] || [[ ,$CASES, == *,browser,* ]]; then
  (cd bench/browser && node run.js) >"$keep/browser.new" || failed=1
  if [ -s "$keep/browser.new" ]; then mv "$keep/browser.new" "$keep/browser.jsonl"; else rm "$keep/browser.new"; fi
fi

go run ./bench/report/readme README.md bench/results
bin/vitrine bench $(printf -- '--from %s ' "$keep"/*.jsonl) --html bench/report.html >/dev/null
echo "bench/report.html is the report; README.md has the main figures" >&2
exit $failed
