#!/bin/sh
# The commit that --version names: of a clone, "-dirty" where files differ, and none in a tarball, even inside another
# project's clone. It is rewritten only where it changed, so that nothing is compiled again.
# usage: sh commit_test.sh CMAKE SOURCE
set -eu
cmake=$1 source=$2
command -v git >/dev/null || { echo 'skipped: git is absent' && exit 77; }

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
git() { command git -C "$work/clone" -c user.name=n -c user.email=e -c commit.gpgsign=false "$@"; }
expect() {
    "$cmake" -D SOURCE="$1" -D OUTPUT="$work/commit.cpp" -P "$source/cmake/commit.cmake"
    got=$(sed -n 's/.*return "\(.*\)";.*/\1/p' "$work/commit.cpp")
    [ "$got" = "$2" ] || { echo "expected '$2', found '$got'" >&2 && exit 1; }
}

mkdir -p "$work/clone/tarball"
expect "$work/clone" ''
git init -q
echo 1 >"$work/clone/file"
git add file
git commit -qm first
hash=$(git rev-parse --short=8 HEAD)
[ ${#hash} -ge 8 ]
expect "$work/clone" "$hash"
touch -d '2000-01-01' "$work/commit.cpp"
expect "$work/clone" "$hash"
[ "$(date -r "$work/commit.cpp" +%Y)" = 2000 ]
git tag v9
expect "$work/clone" "$hash"
echo 2 >"$work/clone/file"
expect "$work/clone" "$hash-dirty"
expect "$work/clone/tarball" ''
