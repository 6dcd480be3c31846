#!/usr/bin/env bash
# Makes the virtual environment $1 with Python 3.11 or newer and installs the hashed requirements $2 into it.
set -euo pipefail
venv=$1 requirements=$2

new_enough() { command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
can_make() { new_enough "$1" && "$1" -c 'import ensurepip, venv' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13; do
        if can_make "$candidate"; then echo "$candidate"; return; fi
    done
    return 1
}

if [ ! -x "$venv/bin/python" ]; then
    if ! python=$(find_python); then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
        fi
        python=$(find_python) || {
            echo "✘ Cần Python 3.11 trở lên, có venv. Trên Debian/Ubuntu: sudo apt-get install python3 python3-venv" >&2
            exit 1
        }
    fi
    "$python" -m venv "$venv"
fi
# pip, as the distribution ships it, is quick enough; --require-hashes refuses whatever is not pinned.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
