#!/bin/sh
# The library where simdjson and utf8proc were fetched: installed, it is a package that needs neither on the machine of
# its user. Sources that are here stand for those that are fetched.
# usage: sh fetched_test.sh CMAKE SOURCE SIMDJSON UTF8PROC
set -eu
cmake=$1 source=$2 simdjson=$3 utf8proc=$4

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }; }

# No build type is chosen, which is to be a release. Unoptimised, for the bits are the same and the time is half.
quietly "$cmake" -S "$source" -B "$work/build" -G Ninja -D IRENE_BUILD_APPS=OFF -D IRENE_BUILD_PYTHON=OFF -D IRENE_BUILD_TESTS=OFF \
    -D IRENE_UNITY_BUILD=ON -D CMAKE_CXX_FLAGS_RELEASE=-O0 -D FETCHCONTENT_SOURCE_DIR_SIMDJSON="$simdjson" \
    -D FETCHCONTENT_SOURCE_DIR_UTF8PROC="$utf8proc"
grep -q '^CMAKE_BUILD_TYPE:.*=Release$' "$work/build/CMakeCache.txt"
quietly "$cmake" --build "$work/build"
quietly "$cmake" --install "$work/build" --prefix "$work/installed"
foreign=$(find "$work/installed" ! -type d ! -name '*irene*' ! -path '*/include/irene/*' ! -name Findutf8proc.cmake \
    ! -path "*/share/doc/irene/*")
[ -z "$foreign" ] || { echo "installed, and not ours: $foreign" && exit 1; }

quietly "$cmake" -S "$source/tests/install" -B "$work/consumer" -G Ninja -D CMAKE_PREFIX_PATH="$work/installed" \
    -D CMAKE_DISABLE_FIND_PACKAGE_simdjson=ON -D CMAKE_DISABLE_FIND_PACKAGE_utf8proc=ON
quietly "$cmake" --build "$work/consumer"
! ldd "$work/consumer/predict" "$work"/installed/lib*/libirene_c.so | grep -E 'simdjson|utf8proc' || exit 1

# What the tools say with this model.
model=$source/tests/unit/models/version_1/additive
got=$("$work/consumer/predict" "$model" "$source/configs/models/gpt2.json")
echo "the consumer says $got"
[ "$got" = '14.1877 J' ]
