#!/bin/sh
# Checks that the committed simulated dataset is what its generator writes, byte for byte.
# usage: sh simulated_test.sh SIMULATE MODELS SIMULATED.JSONL
set -eu

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

"$1" "$2" >"$work/simulated.jsonl"
cmp "$work/simulated.jsonl" "$3"
