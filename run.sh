#!/bin/sh
# ./run.sh demo       installs what is missing, builds, and shows the tools on the simulated sample
# ./run.sh test       installs what is missing, builds, runs all tests, and ends with what was not run
# ./run.sh coverage   the same, and says how many lines of src the tests reach; fails under 95 %
set -eu
cd "$(dirname "$0")"

build_packages='g++ cmake ninja-build nlohmann-json3-dev libeigen3-dev libcli11-dev libspdlog-dev libsimdjson-dev
    libutf8proc-dev esbuild'
test_packages='libgtest-dev libbenchmark-dev curl python3 parallel chromium strace locales
    zsh fish mandoc man-db lintian devscripts fakeroot dpkg-dev pybind11-dev python3-dev python3-pip python3-venv
    python3-setuptools python3-wheel python3-pandas mypy python3-distributed python3-torch python3-tqdm
    slurmctld slurmd slurm-client munge'
# npm may be there without being a package; the tests of irene-visualize's page need it.
command -v npm >/dev/null || test_packages="$test_packages npm"

note() {
    echo "run.sh: $*" >&2
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Shows how far apt-get has come with so many packages: each is fetched, unpacked and set up. Fails unless the last
# word is that all went well.
show_progress() {
    steps=$((3 * $1)) step=0 shown=0
    while IFS= read -r line; do
        case $line in
            installed) return 0 ;;
            Get:* | Unpacking\ * | Setting\ up\ *) step=$((step + 1)) ;;
        esac
        percent=$((100 * step / steps))
        if [ $percent -ge $((shown + 10)) ] && [ $percent -lt 100 ]; then
            note "$percent %: $line"
            shown=$percent
        fi
    done
    return 1
}

# Debian and its relatives have everything as packages. Elsewhere CMake fetches the libraries, and a compiler,
# CMake 3.25 and Ninja must be there already.
install_missing() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        note "packages are missing, and so is sudo to install them; as root: apt-get install$missing"
        exit 1
    fi
    note "to install:$missing"
    note 'asking which packages these need'
    as_root apt-get update -qq
    # shellcheck disable=SC2086  # a list of words
    plan=$(as_root env LC_ALL=C apt-get install --assume-no --no-install-recommends $missing 2>&1 || true)
    count=$(echo "$plan" | sed -n 's/.*, \([0-9]*\) newly installed.*/\1/p')
    size=$(echo "$plan" | sed -n 's/^Need to get \(.*\) of archives.*/\1/p')
    [ "${count:-0}" -gt 0 ] || count=$(echo "$missing" | wc -w)
    # A second for three packages, and half as much to fetch them.
    note "installing $count packages${size:+, $size to fetch}; about $((1 + count / 120)) min on a fast line"
    {
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get install -y --no-install-recommends $missing &&
            echo installed
    } | show_progress "$count" || {
        note 'apt-get failed'
        exit 1
    }
    note "installed $count packages"
}

tell() {
    printf '\n# %s\n' "$*"
}

say() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# say_verdict PREDICTIONS: which of their models is cheapest.
say_verdict() {
    printf '\n$ %s\n' "$bin/irene-summarize --format csv $1 | sh examples/verdict.sh '90 %'"
    $bin/irene-summarize --format csv "$1" | sh examples/verdict.sh '90 %'
}

demo() {
    # shellcheck disable=SC2086
    install_missing $build_packages
    cmake --workflow --preset demo
    bin=build/demo/bin
    out=build/demo/sample
    mkdir -p "$out"
    tell 'How well does a model predict transformers that it has never seen? One at a time is left out.'
    say $bin/irene-crossvalidate --config configs/additive_specs.json datasets/simulated.jsonl $out
    tell 'Train on all of them. The specs model needs counts only, which follow from an architecture.'
    say $bin/irene-train --config configs/additive_specs.json datasets/simulated.jsonl $out/model
    say $bin/irene-predict datasets/simulated.jsonl $out/measured.jsonl $out/model
    say $bin/irene-evaluate datasets/simulated.jsonl $out/measured.jsonl
    tell 'Two transformers that nobody has run, from their config.json: which is cheaper on that device? low and high are the ends of 90 % intervals.'
    say $bin/irene-extract configs/models/gpt2-medium.json configs/models/bert-large-uncased.json \
        --batch_size 8,16 --seq_len 64,128 -o $out/trees.jsonl
    say $bin/irene-predict --interval 0.9 $out/trees.jsonl $out/predictions.jsonl $out/model
    say $bin/irene-summarize $out/predictions.jsonl
    say_verdict $out/predictions.jsonl

    out=build/demo/h100
    mkdir -p "$out"
    tell 'That device was simulated. These models were trained on what others measured on real GPUs (models/README.md):'
    say $bin/irene-explain --list
    tell 'Encoders of the BERT class, one forward pass on an H100. Joules are those of the GPU alone.'
    say $bin/irene-extract --counting kernels --dtype bfloat16 configs/models/bert-base-uncased.json \
        configs/models/deberta-v3-base.json configs/models/ModernBERT-base.json --batch_size 8,32 --seq_len 256 -o $out/encoders.jsonl
    say $bin/irene-predict --interval 0.9 $out/encoders.jsonl $out/encoded.jsonl h100-sxm-eager
    say_verdict $out/encoded.jsonl
    say $bin/irene-summarize --by model_name,instance_type --top 6 $out/encoded.jsonl
    tell "Today's models, generating text in a vLLM server on an H100: where do the joules go, and which is cheapest for each token?"
    say $bin/irene-extract --counting kernels --dtype bfloat16 --attention flash configs/models/Llama-3.1-8B.json \
        configs/models/gemma-3-12b.json configs/models/Qwen3-30B-A3B.json --batch_size 8,64 --seq_len 300 --new_tokens 512 -o $out/trees.jsonl
    say $bin/irene-predict --interval 0.9 $out/trees.jsonl $out/predictions.jsonl h100-sxm-vllm
    say $bin/irene-visualize $out/predictions.jsonl $out/report.html
    tell "The report, to open in a browser: $(pwd)/$out/report.html"
    say $bin/irene-summarize --by model_name,phase $out/predictions.jsonl
    say $bin/irene-summarize --by model_name,instance_type --top 6 $out/predictions.jsonl
    say_verdict $out/predictions.jsonl
}

run_tests() {
    # shellcheck disable=SC2086
    install_missing $build_packages $test_packages
    log=build/test/Testing/Temporary/LastTest.log
    rm -f $log
    code=0
    cmake --workflow --preset test || code=$?
    if [ -e $log ]; then
        echo
        sh tests/not_run.sh $log
    fi
    return $code
}

coverage() {
    # shellcheck disable=SC2086
    install_missing $build_packages $test_packages gcovr
    find build/coverage -name '*.gcda' -delete 2>/dev/null || true
    cmake --workflow --preset coverage
    gcovr --root . --filter src/ --exclude-throw-branches --fail-under-line 95 build/coverage
}

case "${1-}" in
    demo) demo ;;
    test) run_tests ;;
    coverage) coverage ;;
    *)
        sed -n '2,4s/^# //p' "$0"
        [ "${1-}" = --help ] || exit 64
        ;;
esac
