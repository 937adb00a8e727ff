#!/usr/bin/env bash
# Runs somebody else's Verthash beside ours, in turn, so that ratios come from one run on one machine. Builds nothing foreign.
#
#   beside.sh DATAFILE LIBRARY.so [options of `bench`]       a shared library that exports verthash_hash: see README.md
#   beside.sh DATAFILE PROGRAM HASHES [ROUNDS [ARGUMENTS]]   a program that computes HASHES hashes in a run, loading included
#
# Set CPU=N to keep everything on one processor.
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '2,8p' "$0" | cut -c3-; exit 2; fi
data=$(realpath "$1")
foreign=$(realpath "$2")
shift 2
origin=$PWD
cd "$(dirname "$(realpath "$0")")/../.."
dotnet build Verthash.Tool -c Release --nologo -v quiet
ours=(dotnet Verthash.Tool/bin/Release/net10.0/Grainpool.Verthash.Tool.dll)
pin=()
if [ -n "${CPU:-}" ]; then pin=(taskset -c "$CPU"); fi

if [[ "$foreign" == *.so || "$foreign" == *.dylib || "$foreign" == *.dll ]]; then
  exec "${pin[@]}" "${ours[@]}" bench --path "$data" --library "$foreign" "$@"
fi

if [ $# -lt 1 ]; then echo "How many hashes does a run of $foreign compute?" >&2; exit 2; fi
hashes=$1
rounds=${2:-5}
shift $(($# < 2 ? $# : 2))
median() { sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
times=$(mktemp)
trap 'rm -f "$times"' EXIT
for ((round = 1; round <= rounds; round++)); do
  began=$(date +%s.%N)
  # Where the caller stands: it may look for its files there.
  (cd "$origin" && "${pin[@]}" "$foreign" "$@") > /dev/null
  echo "foreign $(date +%s.%N) $began" >> "$times"
  # One alone and a batch of 64, in the memory mode a gateway would choose.
  "${pin[@]}" "${ours[@]}" bench --path "$data" --batches 64 --rounds 3 --milliseconds 300 \
    | awk '/^(Scalar|Vector)/ { last[$3] = $4 } END { gsub(",", "", last[1]); gsub(",", "", last[64]); print "ours", last[1], last[64] }' >> "$times"
done
theirs=$(awk -v n="$hashes" '/^foreign/ { print n / ($2 - $3) }' "$times" | median)
single=$(awk '/^ours/ { print $2 }' "$times" | median)
batch=$(awk '/^ours/ { print $3 }' "$times" | median)
awk -v t="$theirs" -v s="$single" -v b="$batch" 'BEGIN {
  printf "theirs        %10.1f hashes/s (their own start included)\nours, alone   %10.1f hashes/s, %.2f times\nours, 64      %10.1f hashes/s, %.2f times\n", t, s, s / t, b, b / t }'
