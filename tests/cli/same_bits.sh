#!/bin/sh
# same_bits.sh BIN_A BIN_B DATA: the tools of two builds write the same bytes.
set -eu
[ $# -eq 3 ] || { echo 'usage: same_bits.sh BIN_A BIN_B DATA' >&2; exit 64; }
configs=$(dirname "$0")/../../configs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for side in a b; do
    [ $side = a ] && bin=$1 || bin=$2
    "$bin/irene-train" -q "$3" "$work/$side/model"
    "$bin/irene-predict" -q "$3" "$work/$side/predictions.jsonl" "$work/$side/model"
    "$bin/irene-crossvalidate" -q "$3" "$work/$side" >"$work/$side/report.txt"
    for config in stepwise additive additive_timing additive_specs; do
        "$bin/irene-crossvalidate" -q --config "$configs/$config.json" "$3" "$work/$side/$config" >"$work/$side/$config.txt"
    done
done
diff -r "$work/a" "$work/b"
echo "same bits from $1 and $2 on $3"
