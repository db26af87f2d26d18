#!/bin/sh
# The manual pages and completions that the build wrote name every option that --help prints, and are well-formed as
# far as the shells and mandoc that are here can tell; bash really completes.
# usage: sh pages_test.sh BIN SHARE TOOL...
set -eu
bin=$1 share=$(cd "$2" && pwd)
shift 2

fail() {
    echo "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null || { echo "skipped: what $1 would check, as it is absent" && false; }; }

for tool in "$@"; do
    page=$share/man/man1/$tool.1
    bash_file=$share/bash-completion/completions/$tool
    zsh_file=$share/zsh/site-functions/_$tool
    fish_file=$share/fish/vendor_completions.d/$tool.fish

    flags=$("$bin/$tool" --help | sed -n '/^Options:/,/^Examples:/s/^  \(-[^ {]*\).*/\1/p' | tr ',' '\n')
    [ "$(echo "$flags" | wc -l)" -ge 6 ] || fail "$tool --help shows too few options: $flags"
    for flag in $flags; do
        grep -qF -e "\\fB$(echo "$flag" | sed 's/-/\\-/g')\\fR" "$page" || fail "$page lacks $flag"
        grep -q -e "[' ]$flag[' ]" "$bash_file" || fail "$bash_file lacks $flag"
        grep -q -e "['*{,]$flag[=+]\{0,1\}['},[]" "$zsh_file" || fail "$zsh_file lacks $flag"
        case $flag in
            --*) grep -q -e " -l ${flag#--} " "$fish_file" ;;
            *) grep -q -e " -s ${flag#-} " "$fish_file" ;;
        esac || fail "$fish_file lacks $flag"
    done
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' ENVIRONMENT EXAMPLES 'SEE ALSO'; do
        grep -qx ".SH $section" "$page" || fail "$page lacks $section"
    done
    "$bin/$tool" --help | sed '1,/^Examples:/d; s/^  //' >"$bash_file.examples"
    sed '1,/^\.EX/d; /^\.EE/,$d' "$page" | sed 's/\\-/-/g; s/\\(aq/'"'"'/g; s/\\(ti/~/g' | cmp - "$bash_file.examples" ||
        fail "$page has other examples"
    rm "$bash_file.examples"
done
echo "$# tools"
[ $# -ge 7 ]

for tool in "$@"; do
    # A page refers to every other tool of the build, each of which has a page, and to none that is left out.
    others=$(sed -n 's/^\.BR \(.*\) (1),\{0,1\}$/\1/p' "$share/man/man1/$tool.1" | sed 's/\\-/-/g')
    [ "$(echo "$others" | wc -l)" -eq $(($# - 1)) ] || fail "$tool refers to $others"
    for other in $others; do
        [ -e "$share/man/man1/$other.1" ] || fail "$tool refers to $other, which has no page"
    done
done

if have mandoc; then
    mandoc -T lint -W warning "$share"/man/man1/*.1
fi
if have man; then
    for page in "$share"/man/man1/*.1; do
        said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l -Z "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || fail "$said"
    done
fi
for shell in bash zsh fish; do
    case $shell in
        bash) files=$share/bash-completion/completions ;;
        zsh) files=$share/zsh/site-functions ;;
        fish) files=$share/fish/vendor_completions.d ;;
    esac
    if have $shell; then
        for file in "$files"/*; do
            $shell -n "$file" || fail "$shell refuses $file"
        done
    fi
done

if have bash; then
    work=$(mktemp -d)
    trap 'rm -rf -- "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
    touch "$work/two words.jsonl"
    # What bash offers for the words, the last of which is being typed.
    complete() {
        (cd "$work" && bash -c '
            compopt() { :; }  # works within a completion only
            source "$1/$2"
            shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            "_${1//-/_}"
            printf "%s\n" "${COMPREPLY[@]}"' bash "$share/bash-completion/completions" "$@" | tr '\n' '|')
    }
    expect() {
        wanted=$1
        shift
        got=$(complete "$@")
        [ "$got" = "$wanted" ] || fail "bash completes '$*' as $got instead of $wanted"
    }
    expect '--threads|' irene-predict --thr
    expect 'two words.jsonl|' irene-predict --interval 0.9 two
    expect '|' irene-predict --threads ''
    expect 'csv|' irene-summarize --format c
    expect 'table|csv|json|' irene-summarize --format = ''
    expect 'json|' irene-summarize --format = j
    expect 'scope,instance_type|' irene-summarize --by scope,inst
    expect 'two words.jsonl|' irene-crossvalidate --config tw
fi
