#!/bin/sh
# The C interface, from C and from Python, against irene-predict; and what the shared library exports.
# usage: sh c_test.sh BIN LIBRARY SOURCE
set -eu
bin=$1 library=$2 source=$3

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

trees=$source/datasets/simulated.jsonl
"$bin/irene-train" -q --config "$source/configs/additive_specs.json" "$trees" "$work/model"
"$bin/irene-predict" "$trees" "$work/wanted.jsonl" "$work/model"

"$bin/irene_c_test" "$work/model" "$trees" >"$work/c.jsonl"
head -n 1 "$work/wanted.jsonl" | cmp - "$work/c.jsonl"

python3 "$source/examples/predict.py" "$library" "$work/model" <"$trees" >"$work/python.jsonl"
cmp "$work/wanted.jsonl" "$work/python.jsonl"
if echo '{}' | python3 "$source/examples/predict.py" "$library" "$work/model" 2>"$work/error"; then exit 1; fi
grep -q "field 'model_name': is missing" "$work/error"

# Nothing but the interface is seen from outside.
nm -D --defined-only "$library" | awk '{print $3}' | sed 's/@.*//' | sort >"$work/exported"
printf '%s\n' irene_free irene_last_error irene_load irene_predict irene_version | cmp - "$work/exported"
