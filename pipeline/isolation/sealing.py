"""Locks a whole program for good, as a configuration asks: the first thing that every command does."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import config as configuration
from pipeline.config import Config
from pipeline.isolation import audit_hook, environment, lockdown
from pipeline.isolation.lockdown import Lock

if TYPE_CHECKING:
    from pipeline.isolation.listener import Listener


def seal(
    config: Config | str | os.PathLike[str] | None = None,
    *,
    writable: Iterable[Path] = (),
    needs_store: bool = True,
    kept: Collection[int] = (),
    listener: "Listener | None" = None,
) -> Lock:
    """Keep this process, and all that it starts, off every network, and from writing outside the store. For good.

    `config` is one that was loaded, or its file (None: as Pipeline.open finds it). `writable` are further folders in
    which files may be made and changed. The store's folder is made, if it `needs_store`. What the process has open is
    closed, but for the standard streams, the descriptors in `kept`, and the `listener`, which is all that can accept
    connections from then on.

    Call it first: before documents, an index or a model are touched, and before libraries open files or start threads.
    Landlock and the network of its own are left out when there are threads already. Raises ConfigError, LockError.
    """
    if not isinstance(config, Config):
        config = configuration.load(configuration.find(None if config is None else Path(config)))
    environment.close_off()
    if needs_store:
        make_private_folder(config.store_path)
    lock = take_lock(config, writable, kept, listener)
    audit_hook.install()
    return lock


def take_lock(
    config: Config, writable: Iterable[Path] = (), kept: Collection[int] = (), listener: "Listener | None" = None
) -> Lock:
    """The part of seal() that the kernel keeps, which is the one that is proved. Raises LockError."""
    return lockdown.lock_service(
        [config.store_path, *writable],
        required=config.network.enforcement == "required",
        new_folders=[] if config.inbox_path.is_dir() else [_existing(config.inbox_path)],
        kept=[*kept, *([] if listener is None else [listener.claim])],
        listener=None if listener is None else listener.fileno(),
    )


def make_private_folder(folder: Path) -> None:
    """Writing is allowed below folders that are there; where it cannot be made, opening the store says why."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return


def _existing(path: Path) -> Path:
    """The nearest folder above `path` that is there."""
    return next(folder for folder in path.parents if folder.is_dir())
