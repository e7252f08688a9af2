"""What processes of this program know of the environment: no proxies, no hubs, no telemetry, no foreign code."""

import os
from collections.abc import Mapping, MutableMapping

# Passed on to the parser process; all else (proxies, tokens, library paths, HF_*) is left behind.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "TMPDIR")
_REMOVED = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY")
_REMOVED_PREFIXES = ("HF_", "HUGGINGFACE_", "TRANSFORMERS_", "OTEL_", "WANDB_", "SENTRY_")
TELEMETRY_SWITCH = "ORT_DISABLE_TELEMETRY"
# Libraries read these when they are imported; the first four are the switches of Hugging Face's, which imports of
# models use (huggingface/transformers#45545: local_files_only alone did not keep it from asking the hub).
_SET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    # onnxruntime 1.29 and newer bring a telemetry client that is on by default, asks the name server for its host once
    # it is loaded, and keeps a device id in ~/.cache. This is the only switch that comes in time (its Privacy.md).
    TELEMETRY_SWITCH: "1",
    "OPENBLAS_NUM_THREADS": "1",  # numpy would start threads at its import; the lock wants a process with one thread
}


def close_off(environment: MutableMapping[str, str] = os.environ) -> None:
    """Make libraries that are imported later stay offline. The kernel's lock does not depend on it."""
    for name in list(environment):
        if name.upper() in _REMOVED or name.upper().startswith(_REMOVED_PREFIXES):
            del environment[name]
    environment.update(_SET)


def silence_telemetry(environment: MutableMapping[str, str] = os.environ) -> None:
    """Switch off onnxruntime's telemetry, before it is imported; also for those who never lock their process."""
    environment[TELEMETRY_SWITCH] = "1"


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """What a parser process may know: locale and search path, nothing else."""
    kept = {name: environment[name] for name in _KEPT if name in environment}
    return {**kept, TELEMETRY_SWITCH: "1", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1"}
