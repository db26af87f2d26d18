#!/bin/sh
# Downloads the two original IrEne datasets and checks each against its git blob id.
# A file is downloaded beside its place, checked, and only then renamed: no wrong or partial file stays behind.

set -u

usage='usage: sh download.sh [DIRECTORY]'
default_url=https://raw.githubusercontent.com/StonyBrookNLP/irene/master/datasets
default_list='c643e19d9d78860720c4d64c62ae9c08d761d17b irene_device_1.jsonl
fd5d6966c35d56248800a1fea83b09064b769c17 irene_device_2.jsonl'

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

Downloads the original IrEne datasets into DIRECTORY (by default the folder of this script).
Files that are already there and right are kept. Needs curl or wget, and sha1sum or shasum.

Environment:
  IRENE_DATASETS_URL    folder to download from (https, http or file)
                        default: $default_url
  IRENE_DATASETS_LIST   a file of lines "BLOBID NAME" to use instead of the built-in list

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

is_right() {
    [ -f "$1" ] && [ -r "$1" ] && [ "$(blob_id "$1")" = "$2" ]
}

# fetch URL FILE; on failure says why on standard output
fetch() {
    case $downloader:$1 in
    curl:*) curl -fsSL --connect-timeout 30 --speed-limit 1 --speed-time 60 -o "$2" -- "$1" ;;
    wget:file://*) cp -- "${1#file://}" "$2" ;; # wget cannot read file URLs
    wget:*) wget -nv -t 3 -T 60 -O "$2" -- "$1" ;;
    esac 2>&1 </dev/null
}

# get BLOBID NAME
get() {
    target=$directory/$2
    if is_right "$target" "$1"; then
        echo "$target: already here"
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
    if ! reason=$(fetch "$url/$2" "$temporary"); then
        complain "$url/$2: cannot download: $(printf '%s\n' "$reason" | tail -n 1)"
    elif ! is_right "$temporary" "$1"; then
        complain "$url/$2: wrong content, not kept (blob id $(blob_id "$temporary"), expected $1)"
    elif ! mv -f -- "$temporary" "$target"; then
        complain "$target: cannot put the file in place"
    else
        echo "$target: downloaded"
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

url=${IRENE_DATASETS_URL:-$default_url}
url=${url%/}
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
while read -r id name; do
    [ -n "$id" ] || continue
    case $name in
    '' | */*)
        complain "the list of files has a bad line: $id $name"
        status=1
        ;;
    *) get "$id" "$name" || status=1 ;;
    esac
done <<END
$list
END
exit "$status"
