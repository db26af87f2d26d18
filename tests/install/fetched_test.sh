#!/bin/sh
# The library where simdjson and utf8proc were fetched: installed, it is a package that needs neither on the machine of
# its user, here one for 64-bit ARM, which qemu stands for. Sources that are here stand for those that are fetched.
# usage: sh fetched_test.sh CMAKE SOURCE BUILD      BUILD: a build for ARM, by cmake/arm64.cmake
set -eu
cmake=$1 source=$2 build=$3

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }; }

quietly "$cmake" --install "$build" --prefix "$work/installed"
foreign=$(find "$work/installed" ! -type d ! -name '*irene*' ! -path '*/include/irene/*' ! -name Findutf8proc.cmake \
    ! -path "*/share/doc/irene/*")
[ -z "$foreign" ] || { echo "installed, and not ours: $foreign" && exit 1; }

quietly "$cmake" -S "$source/tests/install" -B "$work/consumer" -G Ninja -D CMAKE_FIND_ROOT_PATH="$work/installed" \
    -D CMAKE_TOOLCHAIN_FILE="$source/cmake/arm64.cmake" -D CMAKE_PREFIX_PATH="$work/installed" \
    -D CMAKE_DISABLE_FIND_PACKAGE_simdjson=ON -D CMAKE_DISABLE_FIND_PACKAGE_utf8proc=ON
quietly "$cmake" --build "$work/consumer"
readelf -d "$work/consumer/predict" "$work"/installed/lib*/libirene_c.so >"$work/needed"
grep -q 'NEEDED.*libc\.so' "$work/needed"
! grep -E 'NEEDED.*(simdjson|utf8proc)' "$work/needed" || exit 1

# What the tools say with this model, on any processor.
model=$source/tests/unit/models/version_1/additive
got=$(qemu-aarch64-static -L /usr/aarch64-linux-gnu "$work/consumer/predict" "$model" "$source/configs/models/gpt2.json")
echo "the consumer says $got"
[ "$got" = '14.1877 J' ]
