#!/bin/sh
# Writes requirements/*.txt anew with uv: versions and hashes for every platform and Python 3.11 to 3.14, no addresses.
# override.txt leaves out packages that only functions never called here would need; they are cut from the result too.
set -eu
cd "$(dirname "$0")"
constraints=""
for name in runtime build dev; do
    # shellcheck disable=SC2086  # $constraints is a list of words on purpose
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
        --no-annotate --override override.txt $constraints "$name.in" -o "$name.txt"
    grep -vE '^(huggingface-hub|pip|setuptools) ; python_version < "3"' "$name.txt" > "$name.tmp"
    mv "$name.tmp" "$name.txt"
    constraints="$constraints -c $name.txt"
done
uv pip compile --quiet --no-deps --generate-hashes --no-header --no-emit-index-url --no-annotate weights.in -o weights.txt
! grep -n '://' ./*.txt
