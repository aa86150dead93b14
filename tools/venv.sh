#!/usr/bin/env bash
# venv.sh FOLDER [EXTRA] [PYTHON] - a virtual environment with this package, editable, and its EXTRA (dev, test).
# Quick when nothing has changed: a stamp in the folder says what it was made of.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

folder=$1
extra=${2:-}
python=${3:-}
stamp=$folder/.made-of

# What was asked of the package's metadata last time, and where it lay; a moved checkout needs a new environment.
inputs=$(cat setup.cfg pyproject.toml | sha256sum | cut -d' ' -f1)\ $ROOT

if [[ -f $stamp && -x $folder/bin/python ]] && "$folder/bin/python" -c '' 2>/dev/null; then
    was_python=$(sed -n 1p "$stamp") was_inputs=$(sed -n 2p "$stamp") was_extra=$(sed -n 3p "$stamp")
    if [[ -z $python && -z ${PYTHON:-} ]]; then
        python=$was_python # the environment is there: its interpreter is as good as another
    fi
    [[ -n $python ]] || python=$(main_python)
    if [[ $was_python == "$python" && $was_inputs == "$inputs" ]] && [[ $was_extra == "$extra" || -z $extra || $was_extra == dev ]]; then
        exit 0
    fi
    [[ $was_python == "$python" && ${was_inputs#* } == "$ROOT" ]] || rm -rf "$folder"
    [[ -n $extra ]] || extra=$was_extra
else
    rm -rf "$folder"
fi
[[ -n $python ]] || python=$(main_python)

make_environment() { "$python" -m venv "$folder"; }

# Debian keeps what `venv` needs in a package of its own.
if [[ ! -d $folder ]] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=python$(version_of "$python")-venv
    apt_install "$package" || die "This Python cannot make a virtual environment. Run:  sudo apt-get install -y $package"
fi
if [[ ! -d $folder ]]; then
    say "Making $folder with $("$python" -V) ..."
    make_environment || { rm -rf "$folder"; die "$python could not make $folder."; }
fi

say "Installing the package and what it needs into $folder ..."
rm -f "$stamp"
log=$(mktemp)
if ! "$folder/bin/python" -m pip install --disable-pip-version-check --no-input -q -e ".${extra:+[$extra]}" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "pip could not install the package; its own words stand above."
fi
rm -f "$log"
printf '%s\n' "$python" "$inputs" "$extra" >"$stamp"
