"""`pipeline models evaluate`: what quantization costs, with evidence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.interfaces.cli.options import as_json, enter

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.evaluation.report import Dossier
    from pipeline.storage.database import Database

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--on-my-documents", is_flag=True, help="Use passages of this index instead of the built-in texts.")
@click.option("--queries", type=_EXISTING, help='Queries: lines of {"query": "…", "relevant": {"sha256": grade}}.')
@click.option("--reference", "peer", is_flag=True, help="Compare with sentence-transformers, too (extra: models).")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the dossier: FILE.html or FILE.json."
)
@click.option("--sample", type=click.IntRange(1), help="How many passages of the index at most; default 3000.")
@as_json
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917 - one for each option
    config_file: str | None, names: tuple[str, ...], on_my_documents: bool, queries: Path | None, peer: bool,
    out: Path | None, sample: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Compare models NAME (default: the active one, its float32 reference, and their kin) by speed, size and fidelity.

    The dossier holds names of models, ids and numbers; never a text, a query or a file's name.
    """
    from pipeline.evaluation import documents, encoding, request
    from pipeline.interfaces.cli.models.dossier import lines
    from pipeline.interfaces.cli.progress import StageProgress

    render = None if out is None else _renderer(out)
    writable = [] if out is None else [out.parent]
    config = enter(config_file, builds_models=True, writable=writable, needs_store=False).config
    asked = request.Request(
        names=names, on_my_documents=on_my_documents, queries=queries, sample=sample or documents.SAMPLE,
        sentence_transformers=peer,
    )  # fmt: skip
    with _index(config) as database, StageProgress() as progress:
        dossier = request.run(config, asked, database, progress)
    if out is not None and render is not None:
        _write(out, render(dossier))
    click.echo(encoding.encode(dossier) if as_json else "\n".join(lines(dossier)))


def _renderer(out: Path) -> "Callable[[Dossier], str]":
    """What the file's suffix asks for; told before minutes are spent on measuring. Raises UsageError."""
    from pipeline.errors import UsageError
    from pipeline.evaluation import encoding

    if not out.parent.is_dir():
        raise UsageError("out_folder", "The folder of --out does not exist.", "Create it first.")
    if out.suffix.lower() == ".json":
        return encoding.encode
    if out.suffix.lower() == ".html":
        from pipeline.evaluation import page

        return page.render
    raise UsageError("out_format", "--out names a file that ends neither in .html nor in .json.", "Choose one of them.")


def _write(out: Path, content: str) -> None:
    """Replace the file whole. Raises UsageError."""
    from pipeline.errors import UsageError
    from pipeline.registry.pinning import write_whole

    try:
        write_whole(out, content.encode())
    except OSError as error:
        raise UsageError("out_unwritable", f"The dossier cannot be written: {error.strerror}.") from None


@contextmanager
def _index(config: "Config") -> "Iterator[Database | None]":
    """The store, which says what model is active and has the documents; None, and none is made, where there is none."""
    from pipeline.app import Pipeline
    from pipeline.storage.database import FILE_NAME

    if not (config.store_path / FILE_NAME).is_file():
        yield None
        return
    with Pipeline(config) as pipeline:
        yield pipeline.database
