#!/bin/sh
# Usage: ocr.sh PYTHON VENV FOLDER - take the models of text recognition out of the hash-locked rapidocr wheel.
# The wheel is unpacked beside the environment, its code neither installed nor imported; the models go to FOLDER.
set -eu
# Inside an activated environment `python3` is that environment's, which has no pip: use the one it was made from.
base() { "$1" -c "import sys; print(getattr(sys, '_base_executable', sys.executable))"; }
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
python=$1 venv=$2 folder=$3
python=$(base "$python")
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
echo "Fetching the models of text recognition (27 MB, hash-locked) ..." >&2
if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$venv/bin/python" --require-hashes --no-deps --target "$unpacked" -r requirements/ocr.txt
else
    "$python" -m pip install --quiet --require-hashes --no-deps --target "$unpacked" -r requirements/ocr.txt
fi
"$venv/bin/python" -m pipeline.parsing.ocr.models "$unpacked" "$folder"
