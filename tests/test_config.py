"""config.yaml: defaults, and every mistake told with its place and a way out."""

from pathlib import Path

import pytest

from pipeline.config import DEFAULT_KINDS, MAX_CONFIG_BYTES, Config, InboxConfig, find, load
from pipeline.errors import ConfigError


def loaded(folder: Path, text: str | bytes) -> Config:
    file = folder / "config.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(file)


def refused(folder: Path, text: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text)
    return caught.value


@pytest.mark.parametrize("text", ["", "\n", "# nothing but a comment\n", "---\n", "{}"])
def test_an_empty_file_gives_the_defaults(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text) == Config(folder=tmp_path)


def test_what_is_written_wins_over_the_default_and_the_rest_stays(tmp_path: Path) -> None:
    config = loaded(tmp_path, "inbox: {path: letters, settle_s: 5, ignore: ['*.tmp']}\njobs: {workers: 3}\n")
    assert config.inbox == InboxConfig(path="letters", settle_s=5.0, ignore=("*.tmp",))
    assert (config.jobs.workers, config.jobs.max_attempts) == (3, Config().jobs.max_attempts)
    assert config.labels.kind == DEFAULT_KINDS


def test_a_byte_order_mark_of_an_editor_does_not_matter(tmp_path: Path) -> None:
    assert loaded(tmp_path, b"\xef\xbb\xbfinbox: {path: letters}\n").inbox.path == "letters"


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("inbx: {}", "inbx:", "Did you mean `inbox`?"),
        ("inbox: {pth: x}", "inbox.pth:", "Did you mean `path`?"),
        ("jobs: {max_attempt: 3}", "jobs.max_attempt:", "Did you mean `max_attempts`?"),
        ("search: {zzzz: 1}", "search.zzzz:", "Known here: mode, limit, candidates, service."),
        ("labels: {kind: [{name: a, descripton: b}, {name: c, description: d}]}", "descripton", "`description`"),
        ("folder: /tmp", "folder:", ""),
        ("store: {folder: x}", "store.folder:", "Known here: path."),
    ],
)
def test_an_unknown_key_is_told_with_its_place_and_a_suggestion(
    tmp_path: Path, text: str, place: str, advice: str
) -> None:
    error = refused(tmp_path, text)
    assert error.code == "config_key"
    assert place in error.message
    assert advice in error.advice


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("inbox: {settle_s: fast}", "inbox.settle_s:"),
        ("inbox: {settle_s: -1}", "inbox.settle_s:"),
        ("inbox: {settle_s: .nan}", "inbox.settle_s:"),
        ("inbox: {settle_s: .inf}", "inbox.settle_s:"),
        ("inbox: {path: ''}", "inbox.path:"),
        ("inbox: {path: 2020-01-01}", "inbox.path:"),
        ("inbox: {on_delete: shred}", "inbox.on_delete:"),
        ("inbox: {ignore: '*.tmp'}", "inbox.ignore:"),
        ("inbox: letters", "inbox:"),
        ("jobs: {max_attempts: 0}", "jobs.max_attempts:"),
        ("jobs: {max_attempts: true}", "jobs.max_attempts:"),
        ("jobs: {max_attempts: '3'}", "jobs.max_attempts:"),
        ("parsing: {max_file_mb: 0}", "parsing.max_file_mb:"),
        ("parsing: {memory_mb: 1.5}", "parsing.memory_mb:"),
        ("model: {name: ../other}", "model.name:"),
        ("model: {threads: 1000}", "model.threads:"),
        ("search: {mode: magic}", "search.mode:"),
        ("labels: {min_score: 2}", "labels.min_score:"),
        ("labels: {kind: [{name: a, description: b}]}", "labels.kind:"),
        ("labels: {kind: [{name: a, description: b}, {name: a, description: c}]}", "labels.kind:"),
        ("inbox: {path: x}\nstore: {path: x}", "store.path:"),
        ("inbox: {path: x}\nstore: {path: x/y/../z}", "store.path:"),
        ("inbox: {path: .}", "store.path:"),
        ("inbox: {path: store/in}", "inbox.path:"),
    ],
)
def test_a_bad_value_is_told_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    error = refused(tmp_path, text)
    assert error.code == "config_value"
    assert error.message.startswith(place)
    assert error.exit_status == 2


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("inbox:\n  path: [\n", "line 3"),
        ("inbox: {path: a}\ninbox: {path: b}\n", "line 2"),
        ("inbox:\n  path: a\n  path: b\n", "line 3"),
        ("inbox: !!python/object/apply:os.system [true]", "line 1"),
        ("inbox:\n\tpath: a\n", "line 2"),
        ("- a\n- b\n", "sections"),
        ("just words", "sections"),
        ("1: 2", "sections"),
        (b"inbox: {path: \xff\xfe}", "UTF-8"),
        ("[" * 1000, "config.yaml"),
        ("inbox: " + "{a: " * 1000, "config.yaml"),
        ("#" * (MAX_CONFIG_BYTES + 1), "too large"),
    ],
)
def test_a_file_that_is_no_configuration_is_told_with_its_line(tmp_path: Path, text: str | bytes, where: str) -> None:
    error = refused(tmp_path, text)
    assert error.code == "config_syntax"
    assert where in error.message


def test_a_folder_with_a_null_byte_is_refused_before_it_is_used(tmp_path: Path) -> None:
    assert refused(tmp_path, 'inbox: {path: "a\\0b"}').message.startswith("inbox.path:")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert caught.value.code == "config_unreadable"
        assert str(path) in caught.value.message


def test_relative_folders_start_at_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "deep" / "config.yaml").write_text("inbox: {path: ../in}\nstore: {path: ~/store}\n")
    config = load(Path("deep/config.yaml"))
    assert (config.inbox_path, config.store_path) == (tmp_path / "in", tmp_path / "home" / "store")
    assert loaded(tmp_path, f"inbox: {{path: {tmp_path}/abs}}").inbox_path == tmp_path / "abs"


def test_models_are_looked_for_where_configured_then_beside_the_file_then_beside_the_program(tmp_path: Path) -> None:
    program = Path(__file__).parents[1] / "models" / "all-minilm-l6-v2-int8"
    assert loaded(tmp_path, "").model_path == program
    (tmp_path / "models" / "all-minilm-l6-v2-int8").mkdir(parents=True)
    assert loaded(tmp_path, "").model_path == tmp_path / "models" / "all-minilm-l6-v2-int8"
    assert loaded(tmp_path, "model: {path: m, name: other}").model_path == tmp_path / "m" / "other"


def test_the_file_given_wins_over_the_one_here_and_that_over_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, users, given = tmp_path / "here", tmp_path / "users" / "sealed-inbox", tmp_path / "mine.yaml"
    environment = {"XDG_CONFIG_HOME": str(users.parent), "APPDATA": str(users.parent)}
    for folder in (here, users):
        folder.mkdir(parents=True)
    monkeypatch.chdir(here)
    with pytest.raises(ConfigError, match="There is no configuration") as caught:
        find(None, environment)
    assert caught.value.code == "config_missing"
    for file in (users / "config.yaml", here / "config.yaml"):
        file.touch()
        assert find(None, environment) == file
    with pytest.raises(ConfigError, match=r"mine\.yaml"):
        find(given, environment)
    given.touch()
    assert find(given, environment) == given
