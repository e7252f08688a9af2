"""What processes know of the environment: switches for libraries, no proxies, no tokens."""

import os
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.isolation import environment

SWITCHES = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1", "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1",
}  # fmt: skip
LEADING_OUT = [
    "HTTP_PROXY", "https_proxy", "All_Proxy", "ftp_proxy", "NO_PROXY", "no_proxy", "HF_TOKEN", "HF_ENDPOINT", "hf_home",
    "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE", "OTEL_EXPORTER_OTLP_ENDPOINT", "WANDB_API_KEY", "SENTRY_DSN",
]  # fmt: skip
KEPT = ["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "TMPDIR"]
OTHERS = [
    "HTTPS_PROXY",
    "HF_TOKEN",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "HOME",
    "SSH_AUTH_SOCK",
]


def test_proxies_hubs_and_telemetry_are_gone_in_any_spelling_and_the_rest_stays() -> None:
    known = {"PATH": "/bin", "HOME": "/home/a", "HFX": "1", "MY_HTTP_PROXY": "mine"}
    found = dict.fromkeys(LEADING_OUT, "http://name:secret@proxy") | known
    environment.close_off(found)
    assert found == known | SWITCHES


def test_a_switch_that_the_user_turned_off_is_on() -> None:
    found = {"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0", "DO_NOT_TRACK": ""}
    environment.close_off(found)
    assert found == SWITCHES


def test_programs_that_are_started_inherit_it() -> None:
    code = "import os, subprocess, sys; from pipeline.isolation import environment; environment.close_off(); \
        subprocess.run([sys.executable, '-c', 'import os; print(sorted(os.environ))'])"
    given = dict(os.environ) | {"https_proxy": "http://proxy", "HF_TOKEN": "secret"}
    ran = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    assert "https_proxy" not in ran.stdout
    assert "HF_TOKEN" not in ran.stdout
    assert "HF_HUB_OFFLINE" in ran.stdout


@settings(derandomize=True)
@given(st.dictionaries(st.sampled_from(KEPT + OTHERS), st.text()))
def test_a_parser_process_knows_search_path_and_locale_only(given_to_us: dict[str, str]) -> None:
    kept = {name: value for name, value in given_to_us.items() if name in KEPT}
    fixed = ("ORT_DISABLE_TELEMETRY", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE")
    assert environment.scrubbed(given_to_us) == kept | dict.fromkeys(fixed, "1")


def test_telemetry_is_off_for_those_who_lock_nothing_and_all_else_stays() -> None:
    found = {"ORT_DISABLE_TELEMETRY": "0", "HTTPS_PROXY": "theirs"}
    environment.silence_telemetry(found)
    assert found == {"ORT_DISABLE_TELEMETRY": "1", "HTTPS_PROXY": "theirs"}
