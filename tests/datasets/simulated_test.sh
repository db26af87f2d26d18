#!/bin/sh
# Checks that the committed simulated dataset is what its generator writes, byte for byte.
# usage: sh simulated_test.sh SIMULATE SIMULATED.JSONL

set -u

if [ $# -ne 2 ]; then
    echo 'usage: sh simulated_test.sh SIMULATE SIMULATED.JSONL' >&2
    exit 64
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

status=0
check() { # DESCRIPTION COMMAND...
    description=$1
    shift
    if "$@"; then
        echo "ok      $description"
    else
        echo "FAILED  $description"
        status=1
    fi
}

check 'the program writes a file' "$1" "$work/simulated.jsonl"
check 'the file is the committed one' cmp "$work/simulated.jsonl" "$2"
"$1" >"$work/stdout.jsonl"
check 'standard output gets the same bytes' cmp "$work/stdout.jsonl" "$2"
exit "$status"
