"""Where words stand in the pictures of a page, by text recognition: for values that its characters do not tell of."""

import threading
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.config import Config
from pipeline.datatypes import Picture
from pipeline.parsing.answers import ChildLost, Patience, frames
from pipeline.parsing.ocr import engines
from pipeline.parsing.ocr.engines import Engine
from pipeline.parsing.protocol import PictureRequest
from pipeline.parsing.recognition import ADDRESS_SPACE_BYTES, WORKER, Pictures
from pipeline.parsing.redaction import glyphs, page_glyphs
from pipeline.parsing.redaction.glyphs import Glyph
from pipeline.parsing.zygote import Launcher, Worker, launcher


def scans(config: Config, pictures: Pictures, stop: threading.Event) -> "Scans | None":
    """The engine that the configuration asks for; None where none is installed."""
    engine = engines.find(config).engine
    if engine is None:
        return None
    children = launcher(config.network.enforcement, Worker(WORKER, (msgspec.json.encode(engine).decode("utf-8"),)))
    return Scans(engine, children, pictures, config, stop)


class Scans:
    """Finds words in the pictures of pages. Threads may share it."""

    def __init__(
        self, engine: Engine, children: Launcher, pictures: Pictures, config: Config, stop: threading.Event
    ) -> None:
        self._engine = engine
        self._children = children
        self._pictures = pictures
        self._limits = config.ocr
        self._stop = stop

    def readings(self, document: int, suffix: str, number: int) -> Iterator[tuple[Glyph, ...]]:
        """What is read on a page of an open file, with all languages together and then by each alone.

        Drawn and read as it was when its text was stored, so that the same is found. Nothing where a child is lost.
        Raises Stopped, SandboxError.
        """
        languages = self._engine.languages
        sets = [languages, *((one,) for one in languages if len(languages) > 1)]
        for picture in self._pictures.pictures(document, suffix, [number], self._limits.dpi):
            for chosen in sets:
                if picture.content is not None and (found := self._read(picture, chosen)) is not None:
                    yield found

    def close(self) -> None:
        """End the engine's process."""
        self._children.close()

    def _read(self, picture: Picture, languages: Sequence[str]) -> tuple[Glyph, ...] | None:
        assert picture.content is not None
        request = PictureRequest(
            width=picture.width,
            height=picture.height,
            dpi=picture.dpi,
            languages=tuple(languages),
            address_space_bytes=ADDRESS_SPACE_BYTES,
            cpu_s=int(self._limits.page_timeout_s) + 1,
            glyphs=True,
        )
        patience = Patience(self._limits.page_timeout_s, self._limits.page_timeout_s)
        child = self._children.start(picture.content, request)
        try:
            answer = frames(child, page_glyphs.FRAME_BYTES, patience, self._stop, lambda: 1.0)
            found = page_glyphs.checked(next(answer, None))
            return tuple(glyphs.unpack(found.text, found.places))
        except ChildLost:
            return None
        finally:
            child.kill()
