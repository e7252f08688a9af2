#!/bin/sh
# Writes requirements/*.txt anew with uv: versions and hashes for every platform and Python 3.11 to 3.14, no addresses.
# The override files leave out packages that only functions never called here would need; they are cut from the result.
set -eu
cd "$(dirname "$0")"
constraints=""
for name in runtime build dev models; do
    override=override.txt
    [ "$name" = models ] && override=override-models.txt
    # shellcheck disable=SC2086  # $constraints is a list of words on purpose
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
        --no-annotate --override "$override" $constraints "$name.in" -o "$name.txt"
    grep -vE '^(hf-xet|huggingface-hub|pip|setuptools|torch) ; python_version < "3"' "$name.txt" > "$name.tmp"
    mv "$name.tmp" "$name.txt"
    constraints="$constraints -c $name.txt"
done
for name in weights ocr; do
    uv pip compile --quiet --no-deps --generate-hashes --no-header --no-emit-index-url --no-annotate "$name.in" -o "$name.txt"
done
! grep -n '://' ./*.txt
