#!/bin/sh
# Downloads the public measurements that models are trained on, and checks each file against its git blob id.
# A file is downloaded beside its place, checked, and only then renamed: no wrong or partial file stays behind.

set -u

usage='usage: sh download.sh [DIRECTORY]'
default_url=https://raw.githubusercontent.com/StonyBrookNLP/irene/master/datasets
github=https://raw.githubusercontent.com
energaizer=$github/yifueve/energaizer-ispass26-artifact/fdb411263516dd844cf68dbc4e8d3267a6778d5a/test/data/measurements
mlenergy=$github/ml-energy/leaderboard/0ea52b6a219fa9bece7872858d210ab9c51af8dc/public/data/tasks
# Lines "BLOBID NAME [URL]"; without a URL, the file is in the folder to download from. A blob id that is "-" is not known.
default_list="c643e19d9d78860720c4d64c62ae9c08d761d17b irene_device_1.jsonl
fd5d6966c35d56248800a1fea83b09064b769c17 irene_device_2.jsonl
afacd5e0a6b69aedb59f4c0b5d93087c6a6940e6 energaizer_a100.csv $energaizer/a100/nvml/nvml_parsed.csv
6862f0abb905481d14e9a535c3d303edfa4033e2 energaizer_h100.csv $energaizer/h100/nvml/nvml_parsed.csv
- mlenergy_gpqa.json $mlenergy/gpqa.json
- mlenergy_lm-arena-chat.json $mlenergy/lm-arena-chat.json"

complain() {
    printf 'download.sh: %s\n' "$1" >&2
}

misused() {
    complain "$1; $usage"
    exit 64
}

print_help() {
    cat <<END
$usage

Downloads the two original IrEne datasets, EnergAIzer's measurements and those of the ML.ENERGY benchmark into
DIRECTORY (by default the folder of this script). datasets/README.md says what they are.
Files that are already there and right are kept. Needs curl or wget, and sha1sum or shasum.

Environment:
  IRENE_DATASETS_URL    one folder to download all files from (https, http or file)
                        default: each file's own address
  IRENE_DATASETS_LIST   a file of lines "BLOBID NAME [URL]" to use instead of the built-in list;
                        "-" is a blob id that is not known: such a file is not checked

Exit codes: 0 all files are there and right, 1 some are not, 64 wrong usage.
END
}

# A git blob id is the SHA-1 of "blob SIZE", a zero byte, and the content.
blob_id() {
    size=$(wc -c <"$1") || return 1
    {
        printf 'blob %d\000' "$size"
        cat -- "$1"
    } | $sha1 | cut -d ' ' -f 1
}

# is_right FILE BLOBID; where the id is not known, any file with something in it is
is_right() {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    if [ "$2" = - ]; then
        [ -s "$1" ]
    else
        [ "$(blob_id "$1")" = "$2" ]
    fi
}

# fetch URL FILE; on failure says why on standard output
fetch() {
    case $downloader:$1 in
    curl:*) curl -fsSL --connect-timeout 30 --speed-limit 1 --speed-time 60 -o "$2" -- "$1" ;;
    wget:file://*) cp -- "${1#file://}" "$2" ;; # wget cannot read file URLs
    wget:*) wget -nv -t 3 -T 60 -O "$2" -- "$1" ;;
    esac 2>&1 </dev/null
}

# get BLOBID NAME URL
get() {
    target=$directory/$2
    unchecked=
    [ "$1" != - ] || unchecked=', not checked'
    if is_right "$target" "$1"; then
        echo "$target: already here$unchecked"
        return 0
    fi
    if [ -d "$target" ]; then
        complain "$target: is a directory"
        return 1
    fi
    if [ -e "$target" ]; then
        echo "$target: not the original, to be replaced once the original is here"
    fi
    temporary=$directory/.$2.$$.part
    if ! reason=$(fetch "$3" "$temporary"); then
        complain "$3: cannot download: $(printf '%s\n' "$reason" | tail -n 1)"
    elif ! is_right "$temporary" "$1"; then
        complain "$3: wrong content, not kept (blob id $(blob_id "$temporary"), expected $1)"
    elif ! mv -f -- "$temporary" "$target"; then
        complain "$target: cannot put the file in place"
    else
        echo "$target: downloaded$unchecked"
        return 0
    fi
    rm -f -- "$temporary"
    return 1
}

directory=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        print_help
        exit 0
        ;;
    --)
        shift
        break
        ;;
    -*) misused "unknown option $1" ;;
    *) break ;;
    esac
done
[ $# -le 1 ] || misused "one directory at most"
if [ $# -eq 1 ]; then
    directory=$1
    [ -n "$directory" ] || misused "the directory's name is empty"
else
    directory=$(dirname -- "$0")
fi
# A leading dash would read as an option further down.
case $directory in -*) directory=./$directory ;; esac

if command -v sha1sum >/dev/null; then
    sha1=sha1sum
elif command -v shasum >/dev/null; then
    sha1='shasum -a 1'
else
    complain 'sha1sum or shasum is needed'
    exit 1
fi

if command -v curl >/dev/null; then
    downloader=curl
elif command -v wget >/dev/null; then
    downloader=wget
else
    complain 'curl or wget is needed'
    exit 1
fi

folder=${IRENE_DATASETS_URL:-$default_url}
folder=${folder%/}
list=$default_list
if [ -n "${IRENE_DATASETS_LIST:-}" ]; then
    if ! list=$(cat -- "$IRENE_DATASETS_LIST" 2>/dev/null); then
        complain "$IRENE_DATASETS_LIST: cannot read the list of files"
        exit 1
    fi
fi
if ! mkdir -p -- "$directory" 2>/dev/null; then
    complain "$directory: cannot create the directory"
    exit 1
fi

temporary=
trap '[ -z "$temporary" ] || rm -f -- "$temporary"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

status=0
while read -r id name url; do
    [ -n "$id" ] || continue
    if [ -z "$url" ] || [ -n "${IRENE_DATASETS_URL:-}" ]; then
        url=$folder/$name
    fi
    case $name in
    '' | */*)
        complain "the list of files has a bad line: $id $name"
        status=1
        ;;
    *) get "$id" "$name" "$url" || status=1 ;;
    esac
done <<END
$list
END
exit "$status"
