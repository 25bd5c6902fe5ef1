#!/usr/bin/env bash
# bench.sh: measures everything, keeps each case's figures in bench/results, and draws bench/report.html. It takes an
# hour, and wants the machine to itself; what matters most comes first.
#   CASES=call,reset   measures some cases, in the order below
#   MINUTES=40         begins no case after that, and cuts the one that runs then: what it has is kept
#   KEEP=/tmp/figures  keeps figures and report there, and leaves the tree alone
#   QUICK=1            is a first look of four minutes without the browser, which keeps nothing in the tree either
# Each case is a process of its own, at most a quarter of an hour long. What fails or is cut is said, and does not keep the rest from being
# measured; after Ctrl-C, or when the time is up, the last line is the command that goes on.
set -euo pipefail
cd "$(dirname "$0")/.."

order="call hostcall reset start metering program kill freeze event bytes idle density fairness browser http policy reload parallel engines mounts slow denied refuse"
keep=${KEEP:-bench/results} report=bench/report.html
if [ -n "${QUICK:-}" ]; then keep=${KEEP:-$(mktemp -d)}; fi
if [ "$keep" != bench/results ]; then report=$keep/report.html; mkdir -p "$keep"; fi
failed=() took=() stopped=
trap 'stopped=1' INT TERM

say() { echo "bench.sh: $*" >&2; }
has() { grep -qxF "$2" <<<"$1"; } # a list of lines, and one
npm_in() { (cd "$1" && npm ci --silent --no-audit --no-fund); }
try() { # what it is, and the command
  local what=$1; shift
  "$@" || over || { failed+=("$what"); say "$what failed; the rest is measured all the same"; }
}
limit() { # how many seconds a case may take
  local left=900
  if [ -n "${MINUTES:-}" ] && [ $((MINUTES * 60 - SECONDS)) -lt $left ]; then left=$((MINUTES * 60 - SECONDS)); fi
  echo $left
}
over() { [ -n "$stopped" ] || [ "$(limit)" -le 0 ]; }
measure() { timeout --foreground --signal=INT --kill-after=60 "$(limit)" "$@"; }
browser() {
  npm_in shell && (cd shell && node build.js --test) && npm_in bench/browser || return
  local new=$keep/browser.new code=0
  (cd bench/browser && measure node run.js) >"$new" || code=$?
  if [ $code -eq 0 ]; then mv "$new" "$keep/browser.jsonl"
  elif grep -q '"case"' "$new" && [ -e "$keep/browser.jsonl" ]; then # those that it has take the place of the older ones
    bin/vitrine bench --from "$keep/browser.jsonl" --from "$new" --keep "$keep" >/dev/null
  fi
  rm -f "$new"
  return $code
}
one() { # a case
  if [ "$1" = browser ]; then browser
  elif has "$theirs" "$1"; then measure "$peers/peers" ${QUICK:+-quick} -only "$1" -keep "$keep"
  else measure bin/vitrine bench ${QUICK:+--quick} --only "$1" --keep "$keep"; fi
}

peers=$(mktemp -d)
trap 'rm -rf "$peers"' EXIT
say "what is measured beside Vitrine is fetched and built"
for dir in bench/bridge/remotedom bench/metering/kernels/js; do try "npm in $dir" npm_in $dir; done
try "building the peers" go -C bench/peers build -tags wasmtime -o "$peers/peers" .
# What peers have is measured beside them, or without them if they could not be built.
theirs=
if [ -x "$peers/peers" ]; then theirs=$("$peers/peers" -list | cut -d' ' -f1); fi
all=$(bin/vitrine bench --list | cut -d' ' -f1; echo browser)
todo=()
for c in $order $all; do # a case that the order does not know comes last
  if [ "$c" = browser ] && [ -n "${QUICK:-}" ]; then continue; fi
  if has "$all" "$c" && { [ -z "${CASES:-}" ] || [[ ,$CASES, == *,$c,* ]]; } && [[ " ${todo[*]-} " != *" $c "* ]]; then todo+=("$c"); fi
done
for c in ${CASES//,/ }; do has "$all" "$c" || { say "there is no case $c; there are: $(paste -sd' ' <<<"$all")"; exit 1; }; done

left=("${todo[@]}")
for c in "${todo[@]}"; do
  if over; then break; fi
  say "$((${#todo[@]} - ${#left[@]} + 1)) of ${#todo[@]}: $c, at $((SECONDS / 60)) min"
  began=$SECONDS
  try "$c" one "$c"
  if over; then break; fi # it was cut
  took+=("$(printf '%-9s %4d s' "$c" $((SECONDS - began)))")
  left=("${left[@]:1}")
done

bin/vitrine bench --from "$keep" --html "$report" >/dev/null
[ "$keep" != bench/results ] || go run ./bench/report/readme README.md bench/results
say "it took"; printf '  %s\n' "${took[@]}" >&2
say "$report is the report"
for what in "${failed[@]}"; do say "failed: $what"; done
if [ -n "${left[*]-}" ]; then say "to go on: make bench CASES=$(IFS=,; echo "${left[*]}")"; fi
[ ${#failed[@]} -eq 0 ] && [ -z "${left[*]-}" ]
