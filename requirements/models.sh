#!/bin/sh
# Usage: models.sh PYTHON VENV - the extra [models] with this project in an environment of its own, which alone has torch.
# torch is installed by pip even where uv is on the PATH: uv would fetch a build for graphics cards, of several GB.
set -eu
# Inside an activated environment `python3` is that environment's, which has no pip: use the one it was made from.
base() { "$1" -c "import sys; print(getattr(sys, '_base_executable', sys.executable))"; }
export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
python=$1 venv=$2
torch=$(grep '^torch==' requirements/models.in)
echo "The extra [models] is large: about 380 MB of packages, torch among them, become 1.7 GB in $venv." >&2
sh requirements/install.sh "$python" "$venv" runtime.txt build.txt dev.txt models.txt
python=$(base "$python")
echo "Installing $torch into $venv ..." >&2
"$python" -m pip --python "$venv/bin/python" install --quiet --no-deps "$torch"
"$venv/bin/python" -c 'import torch' 2>/dev/null || {
    echo "This build of torch wants graphics libraries. Let pip find PyTorch's CPU builds (PIP_FIND_LINKS or" >&2
    echo "PIP_EXTRA_INDEX_URL name a place), remove $venv, and call \`make setup-models\` again." >&2
    exit 1
}
