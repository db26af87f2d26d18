#!/bin/sh
# Makes a wheel of the package and installs the checkout with pip, into a fresh virtual environment without a network,
# and runs the first program of docs/python.md there, as it is written. The module is that of a build that is there.
# usage: sh pip_test.sh PYTHON BUILD SOURCE
set -eu
python=$1 build=$2 source=$3

lacking() {
    echo "skipped: $1 is absent, so the package was not installed by pip"
    [ "${IRENE_PYTHON_TEST-}" != required ] || exit 1
    exit 77
}
for module in venv ensurepip pip setuptools wheel; do
    "$python" -c "import $module" 2>/dev/null || lacking "Python's module $module"
done

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
unset PYTHONPATH

"$python" -m venv --system-site-packages "$work/venv"
# pip builds within the checkout: in a copy of what it reads.
mkdir "$work/checkout"
for file in CMakeLists.txt LICENSE README.md pyproject.toml setup.py python; do
    cp -r "$source/$file" "$work/checkout"
done
cd "$work/checkout"
pip() {
    IRENE_BUILD=$build "$work/venv/bin/python" -m pip --disable-pip-version-check "$@" --no-index --no-build-isolation \
        >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
}
pip wheel . --wheel-dir "$work/wheels"
wheel=$(ls "$work"/wheels/irene-*.whl)
size=$(wc -c <"$wheel")
echo "the wheel has $size bytes"
[ "$size" -lt 6000000 ]
"$python" -m zipfile -l "$wheel" >"$work/files"
for file in irene/py.typed irene/_irene.pyi irene/share/models/h100-sxm-vllm/model.json \
    irene/share/configs/models/gpt2.json irene/share/configs/devices/T4.json; do
    grep -q "^$file " "$work/files" || { echo "the wheel lacks $file" && exit 1; }
done
! grep -E '^irene/share/.*\.(md|sh) ' "$work/files"

pip install .
mkdir "$work/user"
cd "$work/user"
cp "$source/configs/models/Llama-3.1-8B.json" config.json
awk '/^    import irene$/ { inside = 1 } inside && /^[^ ]/ { exit } inside { print substr($0, 5) }' \
    "$source/docs/python.md" >program.py
grep -q to_dataframe program.py
"$work/venv/bin/python" program.py >printed 2>"$work/log" || { cat "$work/log" && exit 1; }
[ "$(wc -l <printed)" -eq 2 ]
cat printed

"$work/venv/bin/python" - <<'EOF'
import subprocess
import sys

# Of the processor, which other work on the machine does not change.
code = "import time; begin = time.process_time(); import irene; print(time.process_time() - begin, irene.__file__)"
runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() for _ in range(20)]
best = min(float(seconds) for seconds, _ in runs)
print(f"import irene, as installed: {1000 * best:.1f} ms of CPU, the quickest of 20")
assert best < 0.050
assert b"site-packages" in runs[0][1], runs[0][1]
EOF
