#!/bin/sh
# parallel_test.sh BIN DATA: prediction spread by GNU parallel over blocks of a file equals the single run, byte by byte.
set -eu
[ $# -eq 2 ] || { echo 'usage: parallel_test.sh BIN DATA' >&2; exit 64; }
bin=$1 data=$2
if ! command -v parallel >/dev/null; then
    echo 'skipped: GNU parallel is not installed'
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin/irene-train" -q "$data" "$work/model"
"$bin/irene-predict" "$data" "$work/single.jsonl" "$work/model"
parallel --will-cite --pipepart --keep-order --block 100k -a "$data" \
    "$bin/irene-predict" - - "$work/model" >"$work/spread.jsonl"
cmp "$work/single.jsonl" "$work/spread.jsonl"
echo "$(wc -l <"$work/spread.jsonl") lines, the same bytes"
