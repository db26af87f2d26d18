#!/bin/sh
# Fuzzes every target for so many minutes, all at a time, from the seeds and what earlier runs found.
# usage: tests/fuzz/run.sh [MINUTES]      one minute each by default; needs clang with libFuzzer
set -eu
cd "$(dirname "$0")/../.."
seconds=$((${1:-1} * 60))

mkdir -p build
{
    cmake --preset sanitize
    cmake --build --preset sanitize --target fuzz_tree fuzz_config fuzz_hugging_face fuzz_model
} >build/fuzz.log 2>&1 || { cat build/fuzz.log; exit 1; }
fuzz() { # TARGET SEEDS
    corpus=build/sanitize/corpus/$1
    mkdir -p "$corpus"
    build/sanitize/bin/fuzz_"$1" -max_total_time=$seconds -max_len=16384 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix=build/sanitize/ "$corpus" "$2" 2>build/sanitize/fuzz_"$1".log || { tail -n 40 build/sanitize/fuzz_"$1".log; exit 1; }
    echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' build/sanitize/fuzz_"$1".log) executions in $seconds s"
}
fuzz tree tests/fuzz/seeds/tree & tree=$!
fuzz config configs & config=$!
fuzz hugging_face configs/models & hugging_face=$!
fuzz model tests/fuzz/seeds/model
wait $tree
wait $config
wait $hugging_face
