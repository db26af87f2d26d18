#!/bin/sh
# Tests datasets/download.sh against a server on loopback. Needs no network.
# usage: sh download_test.sh [DOWNLOAD.SH]
# Without python3 there is no server: file:// URLs stand in for it.

set -u

here=$(cd -- "$(dirname -- "$0")" && pwd) || exit 1
script=${1:-$here/../../datasets/download.sh}
[ -f "$script" ] || {
    echo "download_test.sh: $script: no such file" >&2
    exit 1
}
script=$(cd -- "$(dirname -- "$script")" && pwd)/$(basename -- "$script")

work=$(mktemp -d) || exit 1
server=
clean_up() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# A proxy has no business between us and loopback.
unset http_proxy https_proxy ftp_proxy all_proxy HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY
unset IRENE_DATASETS_URL IRENE_DATASETS_LIST

passed=0
failed=0
check() { # DESCRIPTION RESULT, where 0 is a pass
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok      $1"
    else
        failed=$((failed + 1))
        echo "FAILED  $1"
        sed 's/^/        stderr: /' "$work/stderr"
    fi
}

# The ids are git's own, from `git hash-object`: the script is not tested against its own arithmetic.
right_text='a right file'
right_id=c71a5877939912322b8373f7967fed3cecefc971
empty_id=e69de29bb2d1d6434b8b29ae775ad8c2e48c5391

mkdir "$work/served" "$work/served/none" "$work/served/wrong" "$work/tools" || exit 1
printf '%s\n' "$right_text" >"$work/right"
cp "$work/right" "$work/served/one.jsonl"
: >"$work/served/empty.jsonl"
# Wrong by one byte, and by length: a truncated file is the likeliest wrong one.
printf 'a wrong file\n' >"$work/served/wrong/one.jsonl"
printf 'a ri' >"$work/served/wrong/empty.jsonl"
printf '%s one.jsonl\n' "$right_id" >"$work/one.list"
printf '%s one.jsonl\n%s empty.jsonl\n' "$right_id" "$empty_id" >"$work/two.list"
printf '%s absent.jsonl\n%s one.jsonl\n' "$right_id" "$right_id" >"$work/half.list"

if command -v python3 >/dev/null; then
    python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$work/served" >"$work/log" 2>&1 &
    server=$!
    port=
    tries=0
    while [ -z "$port" ] && [ "$tries" -lt 100 ]; do
        sleep 0.1
        port=$(sed -n 's/^Serving HTTP on .* port \([0-9][0-9]*\).*/\1/p' "$work/log")
        tries=$((tries + 1))
    done
    if [ -z "$port" ]; then
        echo 'download_test.sh: the server did not start:' >&2
        cat "$work/log" >&2
        exit 1
    fi
    base=http://127.0.0.1:$port
else
    echo 'note: no python3, so file:// URLs stand in for a server'
    base=file://$work/served
fi

# download LIST URL [ARGUMENT...]: sets code; leaves $work/stdout and $work/stderr. Only $tools are on its path.
download() {
    list=$1
    url=$2
    shift 2
    code=0
    PATH=$tools IRENE_DATASETS_LIST=$work/$list IRENE_DATASETS_URL=$url \
        "$shell" "$script" "$@" >"$work/stdout" 2>"$work/stderr" || code=$?
}

fresh() {
    rm -rf -- "$work/out"
    mkdir "$work/out"
}
contents() { # of the output directory, hidden files too, on one line
    (cd "$work/out" && find . -mindepth 1 | LC_ALL=C sort | tr '\n' ' ')
}
expect() { # DESCRIPTION CODE CONTENTS STDERR_LINES
    result=0
    [ "$code" -eq "$2" ] || result=1
    [ "$(contents)" = "$3" ] || result=1
    [ "$(wc -l <"$work/stderr")" -eq "$4" ] || result=1
    check "$1" "$result"
    [ "$result" -eq 0 ] || echo "        exit code $code, expected $2; files '$(contents)', expected '$3'"
}
same() { # DESCRIPTION FILE FILE
    cmp -s "$2" "$3"
    check "$1" $?
}

shell=$(command -v sh)
# make_tools DOWNLOADER...: a path with what the script may use and these downloaders only.
make_tools() {
    rm -rf -- "$work/tools"
    mkdir "$work/tools"
    for tool in cat cp cut dirname mkdir mv rm sha1sum shasum perl tail wc "$@"; do
        found=$(command -v "$tool") && case $found in /*) ln -s "$found" "$work/tools/$tool" ;; esac
    done
    tools=$work/tools
}

test_downloader() {
    make_tools "$1"

    fresh
    download two.list "$base" "$work/out"
    expect "$1: right files are kept" 0 './empty.jsonl ./one.jsonl ' 0
    same "$1: the file kept has the bytes served" "$work/out/one.jsonl" "$work/right"

    # Nothing is served under none/, so a download would fail.
    download two.list "$base/none" "$work/out"
    expect "$1: right files already there are not downloaded again" 0 './empty.jsonl ./one.jsonl ' 0

    fresh
    download two.list "$base/wrong" "$work/out"
    expect "$1: wrong content is refused and removed, one line a file" 1 '' 2
    grep -q 'one.jsonl: wrong content' "$work/stderr"
    check "$1: the message names the file and says why" $?

    fresh
    download one.list "$base/none" "$work/out"
    expect "$1: a missing file is an error and leaves nothing" 1 '' 1

    fresh
    download half.list "$base" "$work/out"
    expect "$1: a missing file does not keep the next one from coming" 1 './one.jsonl ' 1

    fresh
    printf 'something else\n' >"$work/out/one.jsonl"
    download one.list "$base" "$work/out"
    expect "$1: a wrong file already there is replaced" 0 './one.jsonl ' 0
    same "$1: by the right one" "$work/out/one.jsonl" "$work/right"

    fresh
    download one.list "$base" "$work/out/a new/folder"
    expect "$1: the directory is made, spaces and all" 0 './a new ./a new/folder ./a new/folder/one.jsonl ' 0

    fresh
    download one.list "file://$work/served" "$work/out"
    expect "$1: file URLs work" 0 './one.jsonl ' 0
}

: >"$work/stderr"
tested=0
for downloader in curl wget; do
    if ! command -v "$downloader" >/dev/null; then
        echo "note: no $downloader, not tested with it"
    elif [ "$downloader" = wget ] && [ -z "$server" ]; then
        echo 'note: wget not tested without a server'
    else
        test_downloader "$downloader"
        tested=1
    fi
done
[ "$tested" -eq 1 ]
check 'a downloader was there to test with' $?

# A file may have an address of its own, and a blob id that is not known.
make_tools curl wget
printf '%s own.jsonl file://%s/right\n- unknown.jsonl file://%s/served/one.jsonl\n' "$right_id" "$work" "$work" >"$work/own.list"
fresh
download own.list '' "$work/out"
expect 'a file comes from its own address, and is kept unchecked where its id is not known' 0 './own.jsonl ./unknown.jsonl ' 0
same 'with the bytes that are there' "$work/out/own.jsonl" "$work/right"
grep -q 'unknown.jsonl: downloaded, not checked' "$work/stdout"
check 'what was not checked is said' $?
download own.list "$base/none" "$work/out"
expect 'both are kept' 0 './own.jsonl ./unknown.jsonl ' 0
fresh
download own.list "$base" "$work/out"
expect 'another folder to download from stands for all addresses' 1 '' 2
printf -- '- empty.jsonl\n' >"$work/unknown.list"
download unknown.list "$base" "$work/out"
expect 'a file with nothing in it is wrong, whatever its id' 1 '' 1

make_tools
fresh
download one.list "$base" "$work/out"
expect 'neither curl nor wget is an error' 1 '' 1

make_tools curl wget
download absent.list "$base" "$work/out"
expect 'an unreadable list is an error' 1 '' 1

printf '%s ../escaped.jsonl\n' "$right_id" >"$work/bad.list"
download bad.list "$base" "$work/out"
expect 'a name with a slash is refused' 1 '' 1

: >"$work/out/file"
download one.list "$base" "$work/out/file"
expect 'a file in the directory'\''s place is an error' 1 './file ' 1

fresh
download one.list "$base" --unknown
expect 'an unknown option is a usage error' 64 '' 1
download one.list "$base" "$work/out" extra
expect 'a second directory is a usage error' 64 '' 1
download one.list "$base" --help
expect 'help is no error' 0 '' 0
grep -q '^usage: ' "$work/stdout"
check 'help goes to standard output' $?

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
