#!/bin/sh
# run.sh, the verdict that its demo ends with, and the line that its tests end with. Nothing is installed or built here:
# the programs that run.sh calls are stubs.
# usage: sh scripts_test.sh SOURCE
set -eu
source=$1
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

fail() {
    echo "$*" >&2
    exit 1
}
expect() {
    [ "$2" = "$1" ] || fail "expected: $1
found: $2"
}

# ---- the verdict ----

rows() {
    echo 'model_name,batch_size,seq_len,trees,J/tree,J/sample,J/token,low J/tree,high J/tree'
    cat
}
verdict() { sh "$source/examples/verdict.sh" "$@" 2>&1; }

expect 'Verdict: a is cheaper: it costs 0.33 to 0.75 times what b costs, by 90 % intervals.' \
    "$(printf 'b,8,32,1,14,1,1,12,18\na,8,32,1,7,1,1,6,9\n' | rows | verdict '90 %')"
expect 'Verdict: b is cheaper: it costs 0.33 to 0.75 times what a costs, by their intervals.' \
    "$(printf 'a,8,32,1,14,1,1,12,18\nb,8,32,1,7,1,1,6,9\n' | rows | verdict)"
# Intervals that touch or overlap decide nothing, however far apart the predictions are.
expect 'Verdict: not decided: a costs 0.50 to 1.00 times what b costs, by their intervals; either may be cheaper.' \
    "$(printf 'a,8,32,1,7,1,1,6,9\nb,8,32,1,11,1,1,9,12\n' | rows | verdict)"
# One run that is not decided is enough; one without a counterpart says nothing.
expect 'Verdict: not decided: a costs 0.33 to 1.50 times what b costs, over 2 runs, by their intervals; either may be cheaper.' \
    "$(printf 'a,8,32,1,7,1,1,6,9\nb,8,32,1,14,1,1,12,18\na,16,32,1,7,1,1,6,9\nb,16,32,1,7,1,1,6,9\nb,32,32,1,1,1,1,1,1\n' |
        rows | verdict)"
# Of three models, the cheapest first; those whose intervals reach below the least upper end may be it.
expect 'batch_size 8, seq_len 32
    a  7 J/sample (6 to 9)
    b  14 J/sample (12 to 18)
    c  15 J/sample (8.5 to 20)
Verdict: not decided: a or c may be the cheapest, by 90 % intervals.
batch_size 16, seq_len 32
    b  1 J/sample (1 to 1)
    a  7 J/sample (6 to 9)
Verdict: b is the cheapest, by 90 % intervals.' \
    "$(printf 'c,8,32,1,15,15,1,8.5,20\nb,8,32,1,14,14,1,12,18\na,8,32,1,7,7,1,6,9\na,16,32,1,7,7,1,6,9\nb,16,32,1,1,1,1,1,1\n' |
        rows | verdict '90 %')"
refused() {
    code=0
    said=$(verdict) || code=$?
    expect 65 "$code"
    case $said in
        *"$1"*) ;;
        *) fail "expected: $1
found: $said" ;;
    esac
}
echo 'model_name,batch_size,seq_len,trees,J/tree,J/sample,J/token' | refused 'no intervals'
echo 'what,ever' | refused 'expected the rows of irene-summarize'
printf 'a,8,32,1,7,1,1,6,9\n' | rows | refused 'expected two models or more, found 1'
printf 'a,8,32,1,7,1,1,6,9\nb,16,32,1,7,1,1,6,9\n' | rows | refused 'no batch size and length in common'
printf 'a,8,32,1,7,1,1,,\nb,8,32,1,7,1,1,6,9\n' | rows | refused 'no interval above 0 J'
printf '"a,b",8,32,1,7,1,1,6,9\nb,8,32,1,7,1,1,6,9\n' | rows | refused 'call it otherwise'

# ---- what was not run ----

cat >"$work/log" <<'LOG'
1/4 Testing: all_ran
Output:
[  PASSED  ] 3 tests.
irene-predict: warning: skipped: a line that is none of ours
Test Passed.
2/4 Testing: some_ran
skipped: 2 tests, no room
skipped: 1 test, no strace
Test Passed.
3/4 Testing: silent
Test Skipped.
4/4 Testing: packages
skipped: lintian is absent
Test Skipped.
LOG
expect 'Not run: some_ran: 2 tests, no room, 1 test, no strace; silent; packages: lintian is absent.' \
    "$(sh "$source/tests/not_run.sh" "$work/log")"
sed 3,20d "$work/log" >"$work/short"
expect 'Everything was run.' "$(sh "$source/tests/not_run.sh" "$work/short")"

# ---- run.sh ----

mkdir -p "$work/bin" "$work/checkout/tests" "$work/checkout/examples"
cp "$source/run.sh" "$work/checkout"
cp "$source/tests/not_run.sh" "$work/checkout/tests"
cp "$source/examples/verdict.sh" "$work/checkout/examples"
for program in sh sed grep dirname mkdir rm cat cp awk wc env chmod; do
    ln -s "$(command -v $program)" "$work/bin/$program"
done
stub() {
    cat >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}
stub cmake <<'STUB'
#!/bin/sh
preset=$3
mkdir -p build/$preset/bin build/$preset/Testing/Temporary
printf '1/1 Testing: some\nskipped: 1 test, no strace\n' >build/$preset/Testing/Temporary/LastTest.log
for tool in crossvalidate train predict evaluate explain extract summarize visualize; do
    printf '#!/bin/sh\n' >build/$preset/bin/irene-$tool
done
cat >build/$preset/bin/irene-summarize <<'END'
#!/bin/sh
[ "$1" = --format ] || exit 0
echo 'model_name,batch_size,seq_len,trees,J/tree,J/sample,J/token,low J/tree,high J/tree'
echo 'a,8,32,1,7,1,1,6,9'
echo 'b,8,32,1,14,1,1,12,18'
END
chmod +x build/$preset/bin/*
[ ! -e failing ]
STUB
stub id <<'STUB'
#!/bin/sh
echo ${STUB_USER:-1000}
STUB
stub dpkg-query <<'STUB'
#!/bin/sh
[ -z "${STUB_MISSING-}" ] && echo 'install ok installed'
STUB
stub apt-get <<'STUB'
#!/bin/sh
case "$*" in
    update*) ;;
    *--assume-no*)
        echo '0 upgraded, 250 newly installed, 0 to remove and 0 not upgraded.'
        echo 'Need to get 98.7 MB of archives.'
        exit 1
        ;;
    *)
        i=0
        while [ $i -lt 250 ]; do echo "Unpacking lib$i (1.0)"; i=$((i + 1)); done
        [ -z "${STUB_BROKEN-}" ] || exit 100
        ;;
esac
STUB
# With only the stubs and what run.sh needs of a system: no sudo, no npm, no Node.js.
run() { (cd "$work/checkout" && PATH=$work/bin "$work/bin/env" "$@" 2>&1); }
contains() {
    case $1 in
        *"$2"*) ;;
        *) fail "expected: $2
found: $1" ;;
    esac
}
last() { echo "$1" | sed -n '$p'; }

# Nothing to install: nobody asks for sudo.
said=$(run sh run.sh demo) || fail "$said"
contains "$said" 'Verdict: a is cheaper: it costs 0.33 to 0.75 times what b costs, by 90 % intervals.'
expect 'Verdict: a is cheaper: it costs 0.33 to 0.75 times what b costs, by 90 % intervals.' "$(last "$said")"
expect "# The report, to open in a browser: $work/checkout/build/demo/h100/report.html" "$(echo "$said" | grep '^# The report')"
said=$(run sh run.sh test) || fail "$said"
expect 'Not run: some: 1 test, no strace.' "$(last "$said")"
touch "$work/checkout/failing"
code=0
said=$(run sh run.sh test) || code=$?
expect 1 "$code"
expect 'Not run: some: 1 test, no strace.' "$(last "$said")"
rm "$work/checkout/failing"

# Root needs no sudo, and sees what happens.
said=$(run STUB_USER=0 STUB_MISSING=1 sh run.sh demo) || fail "$said"
contains "$said" 'run.sh: to install: g++ cmake ninja-build'
contains "$said" 'run.sh: installing 250 packages, 98.7 MB to fetch; about 3 min'
contains "$said" 'run.sh: 20 %: Unpacking lib'
contains "$said" 'run.sh: installed 250 packages'
contains "$said" Verdict
code=0
said=$(run STUB_USER=0 STUB_MISSING=1 STUB_BROKEN=1 sh run.sh demo) || code=$?
expect 1 "$code"
expect 'run.sh: apt-get failed' "$(last "$said")"
# Others do, and are told what is to be installed.
code=0
said=$(run STUB_MISSING=1 sh run.sh demo) || code=$?
expect 1 "$code"
contains "$said" 'sudo'
contains "$said" 'as root: apt-get install g++ cmake'
stub sudo <<'STUB'
#!/bin/sh
exec "$@"
STUB
said=$(run STUB_MISSING=1 sh run.sh demo) || fail "$said"
contains "$said" 'run.sh: installed 250 packages'

if command -v shellcheck >/dev/null; then
    shellcheck -s sh "$source/run.sh" "$source/examples/verdict.sh" "$source/tests/not_run.sh" "$source/datasets/download.sh" \
        "$source/models/build.sh"
else
    echo 'skipped: what shellcheck would check, as it is absent'
fi
