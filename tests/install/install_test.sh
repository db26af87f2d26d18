#!/bin/sh
# Installs a build into a fresh folder, builds a project against it, and compares its answer with the tools'.
# usage: sh install_test.sh CMAKE BUILD SOURCE
set -eu
cmake=$1 build=$2 source=$3

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# The example of docs/library.md is this project.
sed -n '/^    \/\/ predict MODEL CONFIG/,/^    }$/{s/^    //;p}' "$source/docs/library.md" | cmp - "$source/tests/install/predict.cpp"
sed -n '/^    find_package(irene/,/^$/{/./{s/^    //;p}}' "$source/docs/library.md" >"$work/documented"
sed -n '/^find_package(irene/,$p' "$source/tests/install/CMakeLists.txt" | cmp - "$work/documented"

# A build for which no type is chosen is a release.
"$cmake" -S "$source" -B "$work/untyped" -G Ninja -D IRENE_BUILD_APPS=OFF -D IRENE_BUILD_TESTS=OFF >"$work/log"
grep -q '^CMAKE_BUILD_TYPE:.*=Release$' "$work/untyped/CMakeCache.txt"

"$cmake" --install "$build" --prefix "$work/installed" >"$work/log"
# The pages come along, in the layout that their links need.
for page in README.md CONTRIBUTING.md docs/method.md datasets/README.md models/README.md models/h100-sxm-vllm/README.md \
    docs/irene-visualize-light.png; do
    cmp "$source/$page" "$work/installed/share/doc/irene/$page"
done
bin=$work/installed/bin
# So do datasheets, which the installed tools find by name.
cmp "$source/configs/devices/T4.json" "$work/installed/share/irene/configs/devices/T4.json"
: >"$work/empty"
if "$bin/irene-train" --config "$work/installed/share/irene/configs/additive_kernels.json" --device T5 \
    "$work/empty" "$work/none" 2>"$work/refusal"; then exit 1; fi
grep -q "no datasheet is named 'T5' in .*share/irene/configs/devices" "$work/refusal"
gpt2=$work/installed/share/irene/configs/models/gpt2.json
"$bin/irene-train" -q --config "$work/installed/share/irene/configs/additive_specs.json" \
    "$source/datasets/simulated.jsonl" "$work/model"
wanted=$("$bin/irene-extract" "$gpt2" --batch_size 8 --seq_len 128 | "$bin/irene-predict" -q - - "$work/model" |
    "$bin/irene-summarize" --by model_name --format csv | sed -n 's/^gpt2,1,\([0-9.]*\),.*/\1/p')

# The models that come along are found by name, where no checkout is near.
wanted_models=$(cd "$source/models" && echo */)
[ "$("$bin/irene-explain" --list --format csv | sed -n '2,$s/,.*/\//p' | tr '\n' ' ')" = "$wanted_models " ]
"$bin/irene-extract" -q "$gpt2" --new_tokens 16 --attention flash | "$bin/irene-predict" -q - "$work/generated.jsonl" h100-sxm-vllm
grep -q '"model": "h100-sxm-vllm"' "$work/generated.jsonl"

"$cmake" -S "$source/tests/install" -B "$work/consumer" -G Ninja -DCMAKE_PREFIX_PATH="$work/installed" >>"$work/log"
"$cmake" --build "$work/consumer" >>"$work/log"
got=$("$work/consumer/predict" "$work/model" "$gpt2")

echo "the tools say $wanted J, the consumer $got"
[ -n "$wanted" ] && [ "$got" = "$(printf '%.6g' "$wanted") J" ]
