"""The units keep what docs/deploy promises of them, and fit the program: its lock, its commands, its configuration."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pipeline.config import load
from pipeline.interfaces.cli.main import COMMANDS, cli

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
SERVICE, PROOF, USER, TIMER = (
    "sealed-inbox.service", "sealed-inbox-prove.service", "sealed-inbox-user.service", "sealed-inbox-prove.timer",
)  # fmt: skip
SERVICES = (SERVICE, PROOF, USER)
Settings = dict[str, list[str]]

HARDENING = {
    "User": "sealed-inbox", "UMask": "0077", "StateDirectoryMode": "0700", "LimitCORE": "0", "MemoryMax": "4G",
    "MemorySwapMax": "0", "TasksMax": "512", "OOMPolicy": "continue", "KillMode": "mixed",
    "PrivateNetwork": "yes", "RestrictAddressFamilies": "none", "IPAddressDeny": "any",
    "ProtectSystem": "strict", "ProtectHome": "yes", "ReadWritePaths": "/var/lib/sealed-inbox",
    "TemporaryFileSystem": "/srv:ro", "BindReadOnlyPaths": "/srv/sealed-inbox/inbox",
    "PrivateTmp": "yes", "PrivateMounts": "yes", "PrivateDevices": "yes", "DevicePolicy": "closed",
    "NoExecPaths": "/", "ExecPaths": "/opt/sealed-inbox -/usr -/lib -/lib64",
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "", "PrivateUsers": "yes",
    "RestrictSUIDSGID": "yes", "KeyringMode": "private",
    "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes", "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes", "ProtectClock": "yes", "ProtectHostname": "yes", "PrivateIPC": "yes",
    "RemoveIPC": "yes", "RestrictNamespaces": "yes", "RestrictRealtime": "yes", "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes", "SystemCallArchitectures": "native", "SystemCallErrorNumber": "EPERM",
}  # fmt: skip
# The proof tries the same without the program's lock: what the unit refuses, it could not tell from the lock's refusal.
NOT_IN_PROOF = {
    "RestrictAddressFamilies", "RestrictNamespaces", "SystemCallFilter", "SystemCallArchitectures",
    "SystemCallErrorNumber", "MemoryDenyWriteExecute", "LockPersonality", "NoExecPaths", "ExecPaths",
    "OOMPolicy", "KillMode",
}  # fmt: skip
# What a user's manager cannot do without namespaces or BPF, and would fail to start for.
NOT_FOR_USERS = ("Private", "Protect", "ReadWritePaths", "Bind", "TemporaryFileSystem", "IPAddress", "NoExec", "User")
# With these the program takes its lock (pipeline/isolation); systemd's group @system-service has only the last.
LOCKING = {"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "capset"}
REMOVED = {
    "@aio", "@chown", "@clock", "@cpu-emulation", "@debug", "@keyring", "@memlock", "@module", "@mount", "@obsolete",
    "@pkey", "@privileged", "@raw-io", "@reboot", "@resources", "@setuid", "@swap",
}  # fmt: skip

analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: the units are not rated here"
)


def settings(unit: str, section: str = "Service") -> Settings:
    """Each key of a section with its values in order; a key may stand several times."""
    found: Settings = {}
    inside = ""
    for line in (DEPLOY / unit).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            inside = line.strip("[]")
        elif line and not line.startswith("#") and inside == section:
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def exec_start(unit: str) -> list[str]:
    """The words of the one command of a unit."""
    (command,) = settings(unit)["ExecStart"]
    return shlex.split(command)


def test_the_service_has_every_setting() -> None:
    assert {key: settings(SERVICE).get(key) for key in HARDENING} == {key: [value] for key, value in HARDENING.items()}


def test_the_proof_has_the_same_settings_but_those_that_it_measures() -> None:
    found = settings(PROOF)
    assert not NOT_IN_PROOF & set(found)
    kept = set(HARDENING) - NOT_IN_PROOF
    assert {key: found.get(key) for key in kept} == {key: [HARDENING[key]] for key in kept}
    assert found["IPAddressAllow"] == ["localhost"]  # where the attempts without a lock must get through


def test_the_user_unit_asks_for_nothing_that_needs_an_administrator() -> None:
    found = settings(USER)
    assert not [key for key in found if key.startswith(NOT_FOR_USERS)]
    assert found["RestrictNamespaces"] == ["user net"]  # with which the program makes a network of its own
    shared = set(HARDENING) & set(found) - {"RestrictNamespaces"}
    assert {key: found[key] for key in shared} == {key: [HARDENING[key]] for key in shared}
    assert shared >= {"NoNewPrivileges", "RestrictAddressFamilies", "MemoryDenyWriteExecute", "SystemCallErrorNumber"}


@pytest.mark.parametrize("unit", [SERVICE, USER])
def test_the_filter_lets_the_program_lock_itself_and_refuses_what_it_never_calls(unit: str) -> None:
    base, *others, last = settings(unit)["SystemCallFilter"]
    assert base == "@system-service"
    assert {name for line in others for name in line.removeprefix("~").split()} == REMOVED
    assert all(line.startswith("~") for line in others)
    assert set(last.split()) == LOCKING  # last, so that no group removed before takes them away again


@pytest.mark.parametrize("unit", SERVICES)
def test_no_bytecode_is_written_and_onnxruntime_sends_nothing(unit: str) -> None:
    (variables,) = settings(unit)["Environment"]
    assert {"ORT_DISABLE_TELEMETRY=1", "PYTHONDONTWRITEBYTECODE=1", "PYTHONNOUSERSITE=1"} <= set(variables.split())


@pytest.mark.parametrize("unit", [SERVICE, USER])
def test_what_does_not_get_better_by_itself_is_not_tried_again(unit: str) -> None:
    assert settings(unit)["Restart"] == ["on-failure"]
    assert settings(unit)["RestartPreventExitStatus"] == ["2 4"]  # wrong use, refused for safety


@pytest.mark.parametrize("unit", SERVICES)
def test_each_unit_runs_a_command_and_options_that_exist(unit: str) -> None:
    program, name, *options = exec_start(unit)
    assert program.endswith("/.venv/bin/pipeline")
    assert name in COMMANDS
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known
    assert "--config" in options


def test_program_configuration_and_folders_fit_together() -> None:
    config = load(DEPLOY / "config.yaml")
    assert [str(config.store_path)] == settings(SERVICE)["ReadWritePaths"]
    assert [config.store_path.name] == settings(SERVICE)["StateDirectory"]
    assert [str(config.inbox_path)] == settings(SERVICE)["BindReadOnlyPaths"]
    program = Path(exec_start(SERVICE)[0]).parents[2]
    assert config.models_path == program / "models"
    assert settings(SERVICE, "Unit")["RequiresMountsFor"] == [f"{program} {config.inbox_path} {config.store_path}"]
    assert (
        exec_start(SERVICE)[-1] == settings(SERVICE, "Unit")["AssertPathExists"][0] == "/etc/sealed-inbox/config.yaml"
    )


def test_the_timer_starts_the_proof_every_week() -> None:
    timer = settings(TIMER, "Timer")
    assert timer["OnCalendar"] == ["weekly"]
    assert timer["Persistent"] == ["yes"]  # also after the machine was off
    assert Path(TIMER).stem == Path(PROOF).stem  # by which systemd finds what to start
    assert settings(PROOF)["Type"] == ["oneshot"]


@analyze
@pytest.mark.parametrize(("unit", "exposure"), [(SERVICE, 1.0), (PROOF, 4.0)])
def test_systemd_rates_the_exposure_low_enough(unit: str, exposure: float) -> None:
    ended = systemd("security", "--offline=true", "--no-pager", f"--threshold={exposure * 10:.0f}", str(DEPLOY / unit))
    if "unrecognized option" in ended.stderr:
        pytest.skip("this systemd-analyze cannot rate units that are not loaded (systemd 250 can)")
    assert ended.returncode == 0, ended.stdout[-200:] + ended.stderr


@analyze
@pytest.mark.parametrize("unit", [SERVICE, PROOF, TIMER, USER])
def test_systemd_finds_nothing_wrong(unit: str, tmp_path: Path) -> None:
    for name in (*SERVICES, TIMER):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for program in {exec_start(service)[0] for service in SERVICES}:
            text = text.replace(program, sys.executable)  # verify wants a program that is there
        (tmp_path / name).write_text(text, encoding="utf-8")
    manager = ["--user"] if unit == USER else []
    ended = systemd(*manager, "verify", str(tmp_path / unit), run=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def systemd(*arguments: str, run: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze; `run` stands for the user's run-time folder, which need not exist where tests run."""
    environment = os.environ | ({"XDG_RUNTIME_DIR": str(run)} if run else {})
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, env=environment, check=False, timeout=60
    )
