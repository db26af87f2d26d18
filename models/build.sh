#!/bin/sh
# Trains the models of this folder again, and writes of each what it learned (config.json, model.json), what it is
# (about.json), and the figures of its README: errors on the runs of a model that was left out.
# The same data give the same bytes, on every machine.

set -eu

usage='usage: sh build.sh [RUNS [MODELS]]'
here=$(cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")

print_help() {
    cat <<END
$usage

RUNS is a folder with the tables of runs that datasets/measured.py writes, and irene_device_1.jsonl in it or in
../datasets beside it; without it, all is downloaded. Models whose data are not there are left out.
MODELS is where the models go: by default the folder of this script.

Environment:
  IRENE_BIN   the folder of the tools; by default that of the newest build here, or else those on the PATH

Exit codes: 0 all models are trained, 64 wrong usage, 66 data of some are not there, others as the tools have them.
END
}

case ${1-} in
-h | --help)
    print_help
    exit 0
    ;;
-*)
    echo "build.sh: unknown option $1; $usage" >&2
    exit 64
    ;;
esac
[ $# -le 2 ] || {
    echo "build.sh: $usage" >&2
    exit 64
}

bin=${IRENE_BIN-}
if [ -z "$bin" ]; then
    # shellcheck disable=SC2012  # names without surprises
    newest=$(ls -t "$root"/build/*/bin/irene-train 2>/dev/null | head -n 1) || newest=
    [ -z "$newest" ] || bin=$(dirname -- "$newest")
fi
[ -z "$bin" ] || PATH=$bin:$PATH

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

if [ $# -ge 1 ]; then
    runs=$1
else
    sh "$root/datasets/download.sh" "$work/downloaded"
    python3 "$root/datasets/measured.py" "$work/downloaded" "$work/runs"
    runs=$work/runs
    mv "$work/downloaded/irene_device_1.jsonl" "$runs"
fi
models=${2-$here}

# ---- one model ----

# Tables of runs whose columns are the same, as one.
joined() {
    head -n 1 "$1"
    for table; do tail -n +2 "$table"; done
}

# The means over the folds, of a report as JSON: overall KEY
overall() {
    awk -v key="\"$1\":" '/^  "overall": / { inside = 1 } inside && $1 == key { sub(/,$/, "", $2); print $2; found = 1; exit }
        inside && /^  }/ { exit } END { if (!found) print "null" }' "$work/report.json"
}

# A report as CSV as a table of a page, without columns that are empty.
page_table() {
    awk -F , '
        { for (i = 1; i <= NF; ++i) { cell[NR, i] = $i; if (NR > 1 && $i != "") used[i] = 1 } fields = NF }
        END {
            title["left_out"] = "left out"; title["model"] = "joules, %"; title["seconds"] = "seconds, %"
            title["ml"] = "operations, joules, %"; title["module"] = "modules, joules, %"
            for (line = 1; line <= NR; ++line) {
                row = rule = "|"
                for (i = 1; i <= fields; ++i) {
                    if (!used[i]) continue
                    text = cell[line, i]
                    row = row " " (line == 1 && text in title ? title[text] : text) " |"
                    rule = rule " --- |"
                }
                print row
                if (line == 1) print rule
            }
        }' "$work/folds/crossvalidation/report.csv"
}

# Puts a text between the two marks of a page.
put_figures() {
    awk -v figures="$2" '
        /^<!-- what build.sh found/ { print; while ((getline line <figures) > 0) print line; skipped = 1 }
        /^<!-- end of what build.sh found/ { skipped = 0 }
        !skipped' "$1" >"$work/page"
    cat "$work/page" >"$1"
}

# with_keys JOULES_OF DATASHEET CONFIG: the config with keys of the data, as $work/config.json; no datasheet where it is empty.
with_keys() {
    JOULES_OF=$1 DATASHEET=$2 awk '
        /"training_strategy"/ && !/,$/ {
            print $0 ","
            print "  \"joules_of\": \"" ENVIRON["JOULES_OF"] "\"" (ENVIRON["DATASHEET"] != "" ? "," : "")
            if (ENVIRON["DATASHEET"] != "") print "  \"device\": " ENVIRON["DATASHEET"]
            next
        }
        { print }
    ' "$3" >"$work/config.json"
}

# train NAME TREES DEVICE RUNS, by $work/config.json: the last two are what irene-explain --list says of it
train() {
    name=$1 config=$work/config.json trees=$2
    irene-train -q --config "$config" "$trees" "$models/$name"
    rm -rf -- "$work/folds"
    irene-crossvalidate -q --json --config "$config" "$trees" "$work/folds" >"$work/report.json"
    printf '{\n  "device": "%s",\n  "runs": "%s",\n  "joules_error": %s,\n  "seconds_error": %s\n}\n' \
        "$3" "$4" "$(overall model)" "$(overall seconds)" >"$models/$name/about.json"
    {
        echo
        page_table
        echo
        echo "Trained on $(wc -l <"$trees" | tr -d ' ') runs of $(($(wc -l <"$work/folds/crossvalidation/report.csv") - 2)) models."
        echo
    } >"$work/figures"
    [ ! -f "$models/$name/README.md" ] || put_figures "$models/$name/README.md" "$work/figures"
    seconds=$(overall seconds)
    [ "$seconds" != null ] || seconds=
    echo "$name: off by $(overall model) % of the joules${seconds:+ and $seconds % of the seconds} of a model left out"
}

status=0
have() {
    for file; do
        [ -f "$file" ] && continue
        echo "build.sh: no $file: $name is left out" >&2
        status=66
        return 1
    done
}

# measured NAME DEVICE RUNS TABLE...: a model of the law of three prices, from tables of runs. `datasheet`, where it is not
# empty, goes into its config as `device`: a name in double quotes, or an object.
measured() {
    name=$1 device=$2 of_runs=$3
    shift 3
    have "$@" || return 0
    joined "$@" >"$work/runs.csv"
    irene-extract -q --runs "$work/runs.csv" --configs "$root/configs/models" -o "$work/trees.jsonl"
    with_keys 'the GPUs alone, by their own counters' "$datasheet" "$root/configs/additive_kernels.json"
    train "$name" "$work/trees.jsonl" "$device" "$of_runs"
}

# ---- the models ----

datasheet='"H100-SXM"'
measured h100-sxm-vllm H100-SXM 'generation in a vLLM server, 1 to 8 GPUs' \
    "$runs/generate_h100_dense.csv" "$runs/generate_h100_moe.csv"

datasheet='"H100-SXM"'
measured h100-sxm-eager H100-SXM 'one forward pass in PyTorch, at 1830 MHz' \
    "$runs/prefill_h100.csv"

datasheet='{"name": "A100-PCIE-40GB", "flops_per_second": {"bfloat16": 312e12, "float32": 19.5e12},
  "bytes_per_second": 1.555e12, "watts": 250, "clock_mhz": 900, "boost_clock_mhz": 1410}'
measured a100-pcie-eager A100-PCIE-40GB 'one forward pass in PyTorch, at 900 MHz' \
    "$runs/prefill_a100.csv"

name=irene-device-1
trees=$runs/irene_device_1.jsonl
[ -f "$trees" ] || trees=$runs/../datasets/irene_device_1.jsonl
if have "$trees"; then
    with_keys 'the whole machine, by a meter' '' "$root/configs/additive_specs.json"
    train $name "$trees" 'device 1 of the IrEne paper' 'one forward pass in PyTorch, float32'
fi

exit $status
