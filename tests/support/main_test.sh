#!/bin/sh
# What a test program ends with: 77, which CTest shows as skipped, where all of its tests were skipped, and never where one
# failed. What was skipped is said either way.
# usage: sh main_test.sh PROGRAM
set -eu
expect() {
    code=0
    said=$("$1" --gtest_brief=1 --gtest_filter="$2") || code=$?
    skips=$(echo "$said" | grep '^skipped: ' || true)
    [ "$code $skips" = "$3" ] || { echo "$2: expected '$3', found '$code $skips'" >&2 && exit 1; }
}
expect "$1" '*Passes' '0 '
expect "$1" '*Fails' '1 '
expect "$1" '*IsSkipped' '77 skipped: 1 test, nothing to run it on'
expect "$1" '*Passes:*IsSkipped' '0 skipped: 1 test, nothing to run it on'
expect "$1" '*Fails:*IsSkipped' '1 skipped: 1 test, nothing to run it on'
expect "$1" '*' '1 skipped: 1 test, nothing to run it on'
