"""`pipeline models import`: models of a local sentence-transformers directory."""

import tempfile
from pathlib import Path

import click

from pipeline.interfaces.cli import output
from pipeline.interfaces.cli.models import root_and_name
from pipeline.interfaces.cli.options import as_json


@click.command("import")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", help="What the models' names begin with. Default: the directory's name.")
@click.option("--replace", is_flag=True, help="Replace models of that name that were imported before.")
@as_json
@click.pass_obj
def command(config_file: str | None, directory: Path, name: str | None, replace: bool, as_json: bool) -> None:
    """Make NAME-fp32 and NAME-int8 of a sentence-transformers DIRECTORY on this machine, and compare the two.

    A BERT needs nothing else; for other encoders install the extra first (make setup-models). Code and pickled weights
    in the directory are never loaded.
    """
    from pipeline.registry.importing import import_model

    root, _ = root_and_name(config_file, Path(tempfile.gettempdir()))  # torch keeps its intermediate files there
    made = import_model(directory, root, name, replace=replace, say=lambda line: click.echo(line, err=True))
    int8, variants = made.variants.int8, made.variants
    chosen = variants.static if int8.precision == "int8-static" else variants.dynamic
    if as_json:
        output.print_json(
            {"names": list(made.names), "architecture": made.described.model_type, "precision": int8.precision,
             "dimension": int8.dimension, "max_tokens": int8.max_tokens, "pooling": list(made.described.pooling),
             "query_prompt": int8.query_prompt, "document_prompt": int8.document_prompt, "licence": int8.licence,
             "vector_scale": int8.vector_scale, "float32_bytes": variants.float32_bytes,
             "int8_bytes": variants.int8_bytes, "cosine_mean": round(chosen.mean, 5), "cosine_p1": round(chosen.p1, 5),
             "static_cosine_mean": round(variants.static.mean, 5),
             "dynamic_cosine_mean": round(variants.dynamic.mean, 5),
             "sentence_transformers_cosine_min": variants.least_cosine, "notes": list(made.notes)}
        )  # fmt: skip
        return
    click.echo(f"{int8.name}: {int8.precision}, {variants.int8_bytes / 1e6:.1f} MB, licence {int8.licence}")
    click.echo(f"{made.names[1]}: float32, {variants.float32_bytes / 1e6:.1f} MB")
    click.echo(f"{int8.dimension} components; a text is seen up to {int8.max_tokens} tokens")
    click.echo(f"cosine of INT8 to float32: mean {chosen.mean:.4f}, p1 {chosen.p1:.4f}")
    if variants.least_cosine is not None:
        click.echo(f"cosine of float32 to sentence-transformers: at least {variants.least_cosine:.6f}")
    for note in made.notes:
        click.echo(note, err=True)
    click.echo(f"Next: pipeline models evaluate {int8.name}, then pipeline models activate {int8.name}", err=True)
