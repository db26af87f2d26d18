#!/bin/sh
# Trains the models that ship from the reference's measurements, and compares every byte with those that are here.
# usage: sh rebuilt_test.sh BIN SOURCE REFERENCE
set -eu
bin=$1 source=$2 reference=$3

for needed in "$reference/measured" "$reference/datasets/irene_device_1.jsonl"; do
    [ -e "$needed" ] || { echo "skipped: the models were not trained again, as there is no $needed" && exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

cp -R "$source/models" "$work/models"
rm "$work"/models/*/*.json
IRENE_BIN=$bin sh "$source/models/build.sh" "$reference/measured" "$work/models"
diff -r "$source/models" "$work/models"
[ "$(find "$source/models" -name model.json | wc -l)" -eq 4 ]

# What is said of an argument that is wrong, and of data that are not there.
code=0
IRENE_BIN=$bin sh "$source/models/build.sh" --nonsense >"$work/said" 2>&1 || code=$?
[ $code -eq 64 ]
mkdir "$work/empty" "$work/none"
code=0
IRENE_BIN=$bin sh "$source/models/build.sh" "$work/empty" "$work/none" >"$work/said" 2>&1 || code=$?
[ $code -eq 66 ] && [ "$(grep -c 'is left out$' "$work/said")" -eq 4 ] && [ -z "$(ls "$work/none")" ]
