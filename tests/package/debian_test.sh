#!/bin/sh
# Makes the Debian packages of a build, has them examined, installs them into a folder, runs what is in them there, and
# removes them again.
# usage: sh debian_test.sh CPACK BUILD SOURCE
set -eu
cpack=$1 build=$2 source=$3

for program in dpkg-deb dpkg-shlibdeps lintian hardening-check fakeroot; do
    command -v $program >/dev/null || { echo "skipped: $program is absent" && exit 77; }
done

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
export LC_ALL=C.UTF-8

umask 022
(cd "$build" && "$cpack" -G DEB -B "$work/packages") >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
cd "$work/packages"
ls irene_*.deb libirene-c[0-9]_*.deb libirene-dev_*.deb
expected=3
if [ -e "$build/python/irene" ]; then  # built with pybind11
    ls python3-irene_*.deb
    expected=4
fi
[ "$(ls -- *.deb | wc -l)" -eq $expected ]

# A root's lintian warns of being run so.
lintian --fail-on error,warning --allow-root -- *.deb

root=$work/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/log"
touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
# What they depend on is this machine's, whose libraries ldconfig shall leave alone, and py3compile its packages.
mkdir "$work/stubs"
for program in ldconfig py3compile py3clean; do
    printf '#!/bin/sh\n' >"$work/stubs/$program"
    chmod +x "$work/stubs/$program"
done
PATH=$work/stubs:$PATH
dpkg() {
    fakeroot dpkg --root="$root" --log=/dev/null --force-depends --force-not-root --force-script-chrootless "$@" \
        >>"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
}
dpkg --install -- *.deb

bin=$root/usr/bin
library=$(find "$root/usr/lib" -name 'libirene_c.so.?.*' -type f)
hardening-check --nocfprotection "$bin"/irene-* >"$work/hardening" || { cat "$work/hardening" && exit 1; }
hardening-check --nocfprotection --nopie "$library" >>"$work/hardening" || { cat "$work/hardening" && exit 1; }
for tool in "$bin"/irene-*; do
    "$tool" --version >>"$work/log"
    zcat "$root/usr/share/man/man1/${tool##*/}.1.gz" | grep -q '^.SH NAME'
    [ -e "$root/usr/share/bash-completion/completions/${tool##*/}" ]
    [ -e "$root/usr/share/zsh/vendor-completions/_${tool##*/}" ]
    [ -e "$root/usr/share/fish/vendor_completions.d/${tool##*/}.fish" ]
done
[ "$(ls "$bin" | wc -l)" -ge 7 ]

for page in README.md docs/method.md docs/irene-visualize-light.png datasets/README.md; do
    cmp "$source/$page" "$root/usr/share/doc/irene/$page"
done

configs=$root/usr/share/irene/configs
for model in "$source"/models/*/; do
    "$bin/irene-explain" "$(basename "$model")" >>"$work/log"
done
"$bin/irene-train" -q --config "$configs/additive_specs.json" "$source/datasets/simulated.jsonl" "$work/model"
"$bin/irene-predict" "$source/datasets/simulated.jsonl" "$work/predictions.jsonl" "$work/model"
# The same bits as the build's own tools, through the C library too.
"$build/bin/irene-train" -q --config "$configs/additive_specs.json" "$source/datasets/simulated.jsonl" "$work/again/model"
"$build/bin/irene-predict" "$source/datasets/simulated.jsonl" - "$work/again/model" | cmp - "$work/predictions.jsonl"
if command -v python3 >/dev/null; then
    python3 "$source/examples/predict.py" "$library" "$work/model" <"$source/datasets/simulated.jsonl" |
        cmp - "$work/predictions.jsonl"
fi
if [ $expected -eq 4 ]; then
    module=$(find "$root/usr/lib/python3/dist-packages/irene" -name '_irene.*.so')
    hardening-check --nocfprotection --nopie "$module" >>"$work/hardening" || { cat "$work/hardening" && exit 1; }
    mkdir "$work/user"
    cp "$source/configs/models/Llama-3.1-8B.json" "$work/user/config.json"
    awk '/^    import irene$/ { inside = 1 } inside && /^[^ ]/ { exit } inside { print substr($0, 5) }' \
        "$source/docs/python.md" >"$work/user/program.py"
    (cd "$work/user" && PYTHONPATH=$root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
        /usr/bin/python3 -W ignore program.py) >"$work/printed"
    [ "$(wc -l <"$work/printed")" -eq 2 ]
fi
link=$(find "$root/usr/lib" -name libirene_c.so)
[ "$(readlink -f "$link")" = "$(readlink -f "$library")" ]
[ -e "$root/usr/include/irene.h" ]

# shellcheck disable=SC2046  # a list of words
dpkg --purge $(for package in *.deb; do dpkg-deb -f "$package" Package; done)
left=$(find "$root" -path "$root/var" -prune -o ! -type d -print)
[ -z "$left" ] || { echo "left behind: $left" >&2 && exit 1; }
