#!/bin/sh
# ./run.sh demo       installs what is missing, builds, and shows the tools on the simulated sample
# ./run.sh test       installs what is missing, builds, and runs all tests
# ./run.sh coverage   the same, and says how many lines of src the tests reach; fails under 95 %
set -eu
cd "$(dirname "$0")"

build_packages='g++ cmake ninja-build nlohmann-json3-dev libeigen3-dev libcli11-dev libspdlog-dev libsimdjson-dev
    libutf8proc-dev'
test_packages='libgtest-dev libbenchmark-dev curl python3 parallel chromium strace locales
    zsh fish mandoc man-db lintian devscripts fakeroot dpkg-dev'
# npm may be there without being a package; irene-visualize needs it.
command -v npm >/dev/null || test_packages="$test_packages npm"

# Debian and its relatives have everything as packages. Elsewhere CMake fetches the libraries, and a compiler,
# CMake 3.25 and Ninja must be there already.
install_missing() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    echo "run.sh: installing$missing" >&2
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root apt-get update -qq
    # shellcheck disable=SC2086  # a list of words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

tell() {
    printf '\n# %s\n' "$*"
}

say() {
    printf '\n$ %s\n' "$*"
    "$@"
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
    tell 'Two transformers that nobody has run, from their config.json: which is cheaper?'
    say $bin/irene-extract configs/models/gpt2-medium.json configs/models/bert-large-uncased.json \
        --batch_size 8,16 --seq_len 64,128 -o $out/trees.jsonl
    say $bin/irene-predict --interval 0.9 $out/trees.jsonl $out/predictions.jsonl $out/model
    say $bin/irene-summarize $out/predictions.jsonl
    tell 'And where does the energy go?'
    say $bin/irene-summarize --by model_name,scope --top 10 $out/predictions.jsonl
    say $bin/irene-summarize --by instance_type --top 10 $out/predictions.jsonl
    # Left out where npm is missing.
    [ ! -x $bin/irene-visualize ] || say $bin/irene-visualize $out/predictions.jsonl $out/report.html
}

run_tests() {
    # shellcheck disable=SC2086
    install_missing $build_packages $test_packages
    cmake --workflow --preset test
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
