#!/bin/sh
# Fuzzes every target for so many minutes, one after the other, from the seeds and what earlier runs found.
# usage: tests/fuzz/run.sh [MINUTES]      one minute each by default; needs clang with libFuzzer
set -eu
cd "$(dirname "$0")/../.."
seconds=$((${1:-1} * 60))

mkdir -p build
cmake --workflow --preset fuzz >build/fuzz.log 2>&1 || { cat build/fuzz.log; exit 1; }
fuzz() { # TARGET SEEDS
    echo "== $1"
    corpus=build/fuzz/corpus/$1
    mkdir -p "$corpus"
    build/fuzz/bin/fuzz_"$1" -max_total_time=$seconds -max_len=16384 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix=build/fuzz/ "$corpus" "$2" 2>build/fuzz/"$1".log || { tail -n 40 build/fuzz/"$1".log; exit 1; }
    grep -E 'number_of_executed_units|Done' build/fuzz/"$1".log
}
fuzz tree tests/fuzz/seeds/tree
fuzz config configs
fuzz hugging_face configs/models
fuzz model tests/fuzz/seeds/model
