"""The child that recognises text: one grey picture, one engine, an answer in frames. It reaches nothing else.

`python -m pipeline.parsing.ocr.worker required FD ENGINE` loads the engine once and forks one child per picture;
`… required once ENGINE` reads one (Windows). ENGINE is an engines.Engine as JSON. Otherwise as parsing/worker.py.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
from PIL import Image

from pipeline.isolation import environment, lockdown, process
from pipeline.isolation.lockdown import Lock
from pipeline.outcomes import Code
from pipeline.parsing import forking
from pipeline.parsing.cleaning import clean
from pipeline.parsing.forking import Work
from pipeline.parsing.ocr import attempts, places
from pipeline.parsing.ocr.engines import Engine
from pipeline.parsing.ocr.reading import Reading
from pipeline.parsing.ocr.tesseract import Tesseract
from pipeline.parsing.protocol import Finished, Frame, PictureRequest, Recognised, write_frame

MAX_TEXT_CHARACTERS = 200_000  # of one page; a dense one has 8,000


class Reader(Protocol):
    """An engine in memory."""

    def read(self, picture: Image.Image, languages: Sequence[str]) -> Reading:
        """The text of an 8-bit grey picture."""


def recognise(reader: Reader, picture: BinaryIO, request: PictureRequest) -> Iterator[Frame]:
    """The frames about one picture. Whatever it does to the engine ends in Finished, if the process survives."""
    try:
        size = (request.width, request.height)
        grey = Image.frombytes("L", size, picture.read(request.width * request.height))
        if request.glyphs:
            yield places.glyphs(lambda image: reader.read(image, request.languages), grey, request.dpi)
            yield Finished()
            return
        found = attempts.readings(lambda image: reader.read(image, request.languages), grey, request.dpi)
        for reading in found:
            text = clean(reading.text[:MAX_TEXT_CHARACTERS])[:MAX_TEXT_CHARACTERS]
            yield Recognised(text, reading.confidence, reading.language)
        yield Finished()
    except MemoryError:
        yield Finished(Code.PARSER_MEMORY)
    except Exception:
        yield Finished(Code.PAGES_FAILED)


class Recognition:
    """The work of this process: an engine that is loaded under the lock, once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @cached_property
    def reader(self) -> Reader:
        """The engine, loaded when it is first asked for. Raises OSError."""
        folder = Path(self._engine.models)
        if self._engine.name == "tesseract":
            return Tesseract(Path(self._engine.library), folder, self._engine.languages)
        environment.silence_telemetry()
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy would start threads, and only one is forked
        from pipeline.parsing.ocr.rapidocr import RapidOcr  # noqa: PLC0415 - imports onnxruntime and numpy

        return RapidOcr(folder)

    def lock(self, required: bool) -> Lock:
        """Take the lock of a parser, which may read the engine besides. Raises LockError."""
        library = self._engine.library
        places = [Path(self._engine.models), *([Path(library).resolve().parent] if library else [])]
        return lockdown.lock_parser(required=required, readable=places)

    def prepare(self) -> None:
        """Load the engine, so that children find it in memory. Raises OSError."""
        _ = self.reader

    def answer(self, message: bytes, picture: BinaryIO, stream: BinaryIO, lock: Lock) -> None:
        """Answer one request about a picture. From then on this process can only read that."""
        reader = self.reader
        request = msgspec.json.decode(message, type=PictureRequest)
        lockdown.lock_reader(lock, process.ResourceLimits(request.address_space_bytes, request.cpu_s))
        for frame in recognise(reader, picture, request):
            write_frame(stream, frame)


def main(arguments: list[str]) -> None:
    """Entry point of the child process."""
    enforcement, source, engine = arguments
    recognition = Recognition(msgspec.json.decode(engine, type=Engine))
    forking.run(enforcement, source, Work(recognition.lock, recognition.prepare, recognition.answer))


if __name__ == "__main__":
    main(sys.argv[1:])
