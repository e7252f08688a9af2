"""The signed record: what it says, that any change of it is seen, and what it never holds."""

import base64
import copy
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipeline.config import Config
from pipeline.errors import UsageError
from pipeline.isolation.lockdown import NO_LOCK, Lock
from pipeline.isolation.probe import Outcome
from pipeline.proof import attestation
from pipeline.proof.attestation import Verdict
from pipeline.proof.matrix import Matrix
from pipeline.proof.rehearsal import Rehearsal
from pipeline.storage import keys
from pipeline.storage.keys import InstallationKey
from tests.proof.conftest import GOOD_REHEARSAL, LOCK, OUT, REFUSED, invented, row

NOW = datetime(2026, 11, 24, 20, 15, 30, 999_999, tzinfo=timezone(timedelta(hours=2)))
Json = dict[str, object]
Path_ = tuple[str | int, ...]


@pytest.fixture
def key(tmp_path: Path) -> InstallationKey:
    return InstallationKey.of(tmp_path)


@pytest.fixture
def content(config: Config, tmp_path: Path) -> Json:
    rows = (
        row("tcp4"),
        row("udp", service=Outcome("killed", "SIGSYS")),
        row("read_outside", service=OUT, must=False, arrived=False),
    )
    return attestation.statement(config, tmp_path / "config.yaml", invented(*rows), GOOD_REHEARSAL, NOW)


@pytest.fixture
def file(content: Json, key: InstallationKey, tmp_path: Path) -> Path:
    written = tmp_path / "attestation.json"
    written.write_bytes(attestation.signed(content, key))
    return written


def record_of(file: Path) -> Json:
    record = json.loads(file.read_bytes())
    assert isinstance(record, dict)
    return record


def is_believed(file: Path, record: object) -> bool:
    """Whether a changed record would be taken for a signed one; unreadable is no."""
    file.write_text(json.dumps(record), encoding="utf-8")
    try:
        return attestation.read(file).valid
    except UsageError:
        return False


def leaves(value: object, path: Path_ = ()) -> Iterator[Path_]:
    """Where each single value of a structure lies, and each list and section as a whole."""
    if path:
        yield path
    children: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for name, child in children:
        yield from leaves(child, (*path, name))


def changed(record: Json, path: Path_, change: Callable[[object], object]) -> Json:
    """A copy in which one value is another; None removes it."""
    found: object = (copied := copy.deepcopy(record))
    for step in path[:-1]:
        found = found[step]  # type: ignore[index]
    new = change(found[path[-1]])  # type: ignore[index]
    if new is None:
        del found[path[-1]]  # type: ignore[attr-defined]
    else:
        found[path[-1]] = new  # type: ignore[index]
    return copied


def other(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, list):
        return [*value, "x"]
    return {**value, "x": 1} if isinstance(value, dict) else "x"


def test_what_was_signed_is_read_back_and_valid(file: Path, content: Json, key: InstallationKey) -> None:
    record = attestation.read(file)
    assert (record.statement, record.valid) == (content, True)
    assert record.signer == keys.fingerprint(key.public)
    assert (record.verdict, record.made_at) == ("proved", "2026-11-24T18:15:30+00:00")


def test_every_change_of_a_value_of_the_statement_is_seen(file: Path) -> None:
    record = record_of(file)
    places = [("statement", *path) for path in leaves(record["statement"])]
    assert len(places) > 60
    assert is_believed(file, record)
    assert [place for place in places if is_believed(file, changed(record, place, other))] == []
    assert [place for place in places if is_believed(file, changed(record, place, lambda _: None))] == []


def test_a_verdict_of_another_kind_is_seen(file: Path) -> None:
    record = record_of(file)
    for verdict in ("failed", "uncontrolled"):
        statement = record["statement"]
        assert isinstance(statement, dict)
        file.write_text(json.dumps(record | {"statement": statement | {"verdict": verdict}}), encoding="utf-8")
        assert (attestation.read(file).valid, attestation.read(file).verdict) == (False, verdict)


@pytest.mark.parametrize("part", ["signature", "public_key"])
def test_every_change_of_a_byte_of_signature_and_key_is_seen(file: Path, part: str) -> None:
    record = record_of(file)
    whole = base64.b64decode(str(record[part]))
    assert len(whole) == (64 if part == "signature" else 32)
    for place in range(len(whole)):
        for bit in (1, 128):
            bent = bytearray(whole)
            bent[place] ^= bit
            assert not is_believed(file, record | {part: base64.b64encode(bent).decode()}), (place, bit)
    text = str(record[part])
    wrongs: tuple[object, ...] = ("", "x", text[:-4], text + "AAAA", " " + text, 3, None, [])
    for wrong in wrongs:
        assert not is_believed(file, record | {part: wrong}), wrong


def test_another_key_signs_as_another(file: Path, content: Json, key: InstallationKey, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    stranger = InstallationKey.of(tmp_path / "elsewhere")
    file.write_bytes(attestation.signed(content, stranger))
    record = attestation.read(file)
    assert record.valid
    assert record.signer == keys.fingerprint(stranger.public) != keys.fingerprint(key.public)
    swapped = record_of(file) | {"public_key": base64.b64encode(key.public).decode()}
    assert not is_believed(file, swapped)


def test_the_order_of_keys_and_white_space_do_not_matter(file: Path) -> None:
    record = record_of(file)
    assert is_believed(file, dict(reversed(record.items())))
    statement = record["statement"]
    assert isinstance(statement, dict)
    assert is_believed(file, record | {"statement": dict(reversed(statement.items()))})


def test_what_is_not_signed_cannot_stand_beside_what_is(file: Path) -> None:
    """An eye may take the first of two values, or one outside the statement, where a program takes the signed one."""
    text = file.read_text(encoding="utf-8")
    for changed in (
        text.replace('"verdict": ', '"verdict": "proved", "verdict": ', 1),
        text.replace("{", '{"statement": {}, ', 1),
        text.replace("{", '{"verdict": "proved", ', 1),
    ):
        assert changed != text
        file.write_text(changed, encoding="utf-8")
        with pytest.raises(UsageError, match="attestation_unreadable"):
            attestation.read(file)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"", b"{", b"[]", b"null", b"3", b'"text"', b"{}", b"\xff\xfe", b"[" * 100_000, b'{"statement": []}',
        b'{"statement": {}, "signature": "", "public_key": ""}',
        b'{"statement": {"format": "sealed-inbox/offline-proof/1"}, "signature": "", "public_key": ""}',
        b'{"statement": "text", "signature": "", "public_key": ""}',
    ],
)  # fmt: skip
def test_what_is_no_attestation_is_wrong_use(tmp_path: Path, rubbish: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(rubbish)
    with pytest.raises(UsageError) as raised:
        attestation.read(file)
    assert (raised.value.code, raised.value.exit_status) == ("attestation_unreadable", 2)


def test_a_truncated_a_huge_and_a_missing_file_are_wrong_use(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    for content in (whole[:-20], whole[: len(whole) // 2], whole + b" " * attestation.MAX_FILE_BYTES):
        file.write_bytes(content)
        with pytest.raises(UsageError, match="attestation_unreadable"):
            attestation.read(file)
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(UsageError, match="attestation_unreadable"):
            attestation.read(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "sealed-inbox/offline-proof/2"),
        ("verdict", "proved\x1b]52;c;x\x07"),
        ("verdict", "certain"),
        ("verdict", ["proved"]),
        ("made_at", "2026-11-24T18:15:30+00:00\x1b[2J"),
        ("made_at", "2026-11-24\x1b18:15:30+00:00"),
        ("made_at", "tomorrow"),
        ("made_at", 3),
    ],
)
def test_what_is_shown_of_it_is_of_a_known_form_whoever_signed_it(
    file: Path, content: Json, key: InstallationKey, name: str, value: object
) -> None:
    """Anybody can sign; what `--verify` prints must not write to the terminal."""
    file.write_bytes(attestation.signed(content | {name: value}, key))
    with pytest.raises(UsageError, match="attestation_unreadable"):
        attestation.read(file)


def test_the_last_one_kept_is_found_by_its_moment(content: Json, key: InstallationKey, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    assert attestation.latest(store) is None
    moments = [NOW, NOW - timedelta(days=400), NOW + timedelta(seconds=1), NOW - timedelta(hours=1)]
    for moment in moments:
        stamped = content | {"made_at": moment.astimezone(UTC).isoformat(timespec="seconds")}
        attestation.file_for(store, moment).write_bytes(attestation.signed(stamped, key))
    names = sorted(file.name for file in (store / attestation.FOLDER).iterdir())
    assert names[-2:] == ["offline-20261124T181530Z.json", "offline-20261124T181531Z.json"]
    (store / attestation.FOLDER / "zzz.json").write_bytes(b"{}")
    found = attestation.latest(store)
    assert found is not None
    assert (found.made_at, found.valid) == ("2026-11-24T18:15:31+00:00", True)
    (store / attestation.FOLDER / names[-1]).write_bytes(b"{")
    assert attestation.latest(store) is None, "an older one must not stand for the last"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_records_are_kept_for_this_user_only(tmp_path: Path) -> None:
    assert attestation.file_for(tmp_path, NOW).parent.stat().st_mode & 0o777 == 0o700


LANDLOCK_ONLY = Lock(system_calls=False, landlock=7, own_network=True)
SILENT = invented(row("tcp4", arrived=False), row("udp", arrived=False))


@pytest.mark.parametrize(
    ("found", "rehearsal", "verdict"),
    [
        (invented(), GOOD_REHEARSAL, Verdict.PROVED),
        (invented(), Rehearsal(4, 4, 4, None, 1.0), Verdict.PROVED),
        (invented(service=Lock(True), reader=Lock(True)), GOOD_REHEARSAL, Verdict.PROVED),
        (SILENT, GOOD_REHEARSAL, Verdict.UNCONTROLLED),
        (invented(row("tcp4"), row("udp", arrived=False)), GOOD_REHEARSAL, Verdict.UNCONTROLLED),
        (SILENT, Rehearsal(4, 4, 3, 0, 1.0), Verdict.FAILED),
        (invented(service=NO_LOCK), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(watcher=NO_LOCK), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(reader=NO_LOCK), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(service=LANDLOCK_ONLY), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(row("tcp4", service=OUT), row("udp")), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(row("tcp4", watcher=OUT), row("udp")), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(row("tcp4", reader=OUT), row("udp")), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(leaked=("udp",)), GOOD_REHEARSAL, Verdict.FAILED),
        (invented(), Rehearsal(4, 3, 4, 0, 1.0), Verdict.FAILED),
        (invented(), Rehearsal(4, 4, 4, 1, 1.0), Verdict.FAILED),
    ],
)
def test_the_verdict(found: Matrix, rehearsal: Rehearsal, verdict: Verdict) -> None:
    assert attestation.verdict(found, rehearsal) is verdict


def test_the_statement_says_what_was_tried_and_how(content: Json, config: Config) -> None:
    import hashlib

    assert content["format"] == "sealed-inbox/offline-proof/1"
    assert content["enforcement"] == "required"
    layers = {"system_calls": LOCK.system_calls, "landlock": LOCK.landlock, "own_network": LOCK.own_network}
    assert content["lock"] == {"service": layers, "watcher": layers, "reader": layers}
    attempts = content["attempts"]
    assert isinstance(attempts, list)
    assert attempts[1] == {
        "name": "udp", "meaning": "A way", "unlocked": "out", "service": "killed:SIGSYS", "watcher": "refused:EACCES",
        "reader": "refused:EACCES", "arrived_unlocked": True, "must_refuse": ["service", "watcher", "reader"],
        "holds": True,
    }  # fmt: skip
    assert attempts[2]["must_refuse"] == []
    file = config.folder / "config.yaml"
    assert content["config_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    rehearsal = content["rehearsal"]
    assert isinstance(rehearsal, dict)
    assert rehearsal == {
        "documents": 4, "indexed": 4, "found": 4, "packets": 0, "seconds": 2.5, "succeeded": True
    }  # fmt: skip


def test_no_path_of_this_machine_is_in_it(content: Json, config: Config) -> None:
    text = json.dumps(content)
    for private in (config.folder, config.store_path, config.inbox_path, config.models_path, Path.home()):
        assert str(private) not in text
    assert REFUSED.detail in text
