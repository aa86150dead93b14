# What the scripts of this folder share. To be sourced by bash, from a script that stands in tools/.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

SUITABLE=(3.13 3.12 3.11) # newest first; what the unit tests are run on

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$@"
    exit 2
}

# The interpreter's version, 3.11 and up as "3.11"; nothing if it does not start (a pyenv shim may not).
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# Names an interpreter by its own full path, so that a shim and what it starts are one.
real_path() { "$1" -c 'import os, sys; print(os.path.realpath(sys.executable))' 2>/dev/null; }

# Prints the path of an interpreter of the given version that is in PATH; fails if there is none.
in_path() {
    local name path
    for name in "python$1" python3 python; do
        path=$(type -P "$name") || continue
        if [[ $(version_of "$path") == "$1" ]]; then
            real_path "$path"
            return
        fi
    done
    return 1
}

# The interpreter to work with: $PYTHON, else the newest suitable one in PATH.
main_python() {
    local version found
    if [[ -n ${PYTHON:-} ]]; then
        real_path "$(type -P "$PYTHON" || printf '%s' "$PYTHON")" || die "PYTHON=$PYTHON does not start."
        return
    fi
    for version in "${SUITABLE[@]}"; do
        in_path "$version" && return
    done
    found=$(type -P python3) && version=$(version_of "$found") && [[ ${version#3.} -gt 13 ]] && {
        say "Python $version is newer than what Mezhved is tested with (${SUITABLE[*]}); trying it."
        real_path "$found"
        return
    }
    die "Mezhved needs Python 3.11, 3.12 or 3.13. On Debian 12 and later, Ubuntu 24.04 and later: apt-get install python3 python3-venv"
}

# Every further suitable interpreter, one path a line: in PATH, and those that pyenv keeps.
further_pythons() {
    local main version path candidate
    main=$(version_of "$1")
    for version in "${SUITABLE[@]}"; do
        [[ $version == "$main" ]] && continue
        path=$(in_path "$version") || {
            path=
            for candidate in "$HOME/.pyenv/versions/$version".*/bin/"python$version"; do
                [[ -x $candidate && $(version_of "$candidate") == "$version" ]] && path=$candidate
            done
        }
        [[ -n $path ]] && printf '%s\n' "$path"
    done
    return 0
}

# Installs distribution packages if that can be done without asking anybody: as root, where apt-get is.
# The lists are fetched only when they are empty or the first try fails.
apt_install() {
    [[ $(id -u) == 0 ]] && type -P apt-get >/dev/null || return 1
    local log lists
    log=$(mktemp)
    shopt -s nullglob
    lists=(/var/lib/apt/lists/*Packages*)
    shopt -u nullglob
    say "Installing $* ..."
    if { ((${#lists[@]})) && apt_get install "$@"; } >"$log" 2>&1; then
        rm -f "$log"
        return
    fi
    # A source that cannot be reached does not matter if the packages come from another one.
    apt_get update >>"$log" 2>&1 || true
    if apt_get install "$@" >>"$log" 2>&1; then
        rm -f "$log"
        return
    fi
    tail -n 15 "$log" >&2
    rm -f "$log"
    return 1
}

apt_get() {
    local action=$1
    shift
    if [[ $action == install ]]; then
        set -- -y --no-install-recommends "$@"
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$action" "$@" </dev/null
}
