#!/bin/sh
# Usage: install.sh PYTHON VENV LOCK... - hash-locked packages into VENV (made if missing), and this project itself.
# Uses uv when it is on the PATH, pip otherwise. The environment holds no pip: nothing in it can fetch anything.
# Both compile the packages to bytecode, which the locked program could not; `make` compiles this project's own.
set -eu
# Inside an activated environment `python3` is that environment's, which has no pip: use the one it was made from.
base() { "$1" -c "import sys; print(getattr(sys, '_base_executable', sys.executable))"; }
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
python=$1 venv=$2
shift 2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.12" >&2
    exit 2
}
python=$(base "$python")
[ -x "$venv/bin/python" ] || "$python" -m venv --without-pip "$venv"
locks=""
for lock in "$@"; do locks="$locks -r requirements/$lock"; done
echo "Installing $* into $venv (hash-locked) ..." >&2
if command -v uv >/dev/null 2>&1; then
    # shellcheck disable=SC2086  # $locks is a list of words on purpose
    uv pip install --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes --no-deps $locks
    uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --offline --editable .
else
    # shellcheck disable=SC2086
    "$python" -m pip --python "$venv/bin/python" install --quiet --require-hashes --no-deps $locks
    "$python" -m pip --python "$venv/bin/python" install --quiet --no-deps --no-build-isolation --no-index --editable .
fi
