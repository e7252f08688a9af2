"""The models of RapidOCR (PP-OCR) on onnxruntime: one finds the lines in a picture, one reads each. Loaded once.

Two model files of that package are used; its code is neither installed nor run. The third, which tells lines that stand
on their head, spoils long lines and is left out: attempts.py turns whole pages.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image
from PIL.Image import Resampling

from pipeline.parsing.ocr import blocks
from pipeline.parsing.ocr.components import components
from pipeline.parsing.ocr.lines import Box, Line, Word
from pipeline.parsing.ocr.models import DETECTOR, RECOGNISER, verified
from pipeline.parsing.ocr.reading import Reading

_CHARACTERS = "character"  # the name under which the recogniser's file has those that it knows

# As the package uses the models (its config.yaml): sizes in pixels, thresholds of probabilities.
_SHORTEST_SIDE, _LONGEST_SIDE, _MULTIPLE = 736, 2000, 32
_INK, _TEXT = 0.3, 0.5
_GROWN = 1.6  # the detector marks the middle of lines: area times this, by circumference, on each side
_SMALLEST_SIDE = 3
_LINE_HEIGHT, _LONGEST_LINE = 48, 3200
_BATCH_PIXELS = 48 * 4800  # lines of together so many pixels are read at once
_NOISE = 50.0  # confidence: below, the package drops a line
_MOST_RUNS, _MOST_LINES = 200_000, 1000

Values = npt.NDArray[np.float32]


class RapidOcr:
    """The engine with its models in memory. One thread may use it."""

    def __init__(self, models: Path) -> None:
        """Load the models. Raises OSError, also where a file is not the one that was published."""
        self._detector = _session(models, DETECTOR)
        self._recogniser = _session(models, RECOGNISER)
        known = self._recogniser.get_modelmeta().custom_metadata_map[_CHARACTERS].split("\n")
        self._characters = ["", *known, " "]  # the first stands for none

    def read(self, picture: Image.Image, languages: Sequence[str]) -> Reading:
        """The text of an 8-bit grey picture; its models know the languages together."""
        del languages
        boxes = self._boxes(picture)[:_MOST_LINES]
        lines = [line for box, line in zip(boxes, self._lines(picture, boxes), strict=True) if line is not None]
        return Reading(tuple(blocks.in_reading_order(lines)), _NOISE)

    def _boxes(self, picture: Image.Image) -> list[Box]:
        """Where lines of text are."""
        scale = max(1.0, _SHORTEST_SIDE / min(picture.size))
        scale = min(scale, _LONGEST_SIDE / max(picture.size))
        width, height = (max(1, round(side * scale / _MULTIPLE)) * _MULTIPLE for side in picture.size)
        values = _values(picture.resize((width, height), Resampling.BILINEAR))
        (found,) = self._detector.run(None, {"x": np.broadcast_to(values, (1, 3, height, width))})
        likely = found[0, 0]
        ink = likely > _INK
        ink[1:, 1:] |= ink[:-1, :-1] | ink[1:, :-1] | ink[:-1, 1:]
        boxes = []
        for box in components(ink, _MOST_RUNS):
            across, down = box.right - box.left, box.bottom - box.top
            if min(across, down) < _SMALLEST_SIDE:
                continue
            if likely[box.top : box.bottom, box.left : box.right].mean() < _TEXT:
                continue
            grown = across * down * _GROWN / (2 * (across + down))
            boxes.append(_scaled(box, grown, picture.width / width, picture.height / height, picture.size))
        return boxes

    def _lines(self, picture: Image.Image, boxes: Sequence[Box]) -> list[Line | None]:
        """The text of each of these boxes, None where there is none; lines of one length are read together."""
        crops = [_crop(picture, box) for box in boxes]
        found: list[Line | None] = [None] * len(boxes)
        for batch in _batches([crop.width for crop in crops]):
            width = max(crops[number].width for number in batch)
            values = np.zeros((len(batch), 1, _LINE_HEIGHT, width), np.float32)
            for row, number in enumerate(batch):
                values[row, :, :, : crops[number].width] = _values(crops[number])
            (scores,) = self._recogniser.run(None, {"x": np.broadcast_to(values, (len(batch), 3, _LINE_HEIGHT, width))})
            for number, steps in zip(batch, scores, strict=True):
                found[number] = self._line(steps, width, boxes[number])
        return found

    def _line(self, steps: Values, width: int, box: Box) -> Line | None:
        """What the recogniser says of one line: at each step the likelihood of every character (CTC)."""
        best = steps.argmax(axis=1)
        kept = np.nonzero((best != 0) & (best != np.concatenate(([0], best[:-1]))))[0]
        text = "".join(self._characters[best[step]] for step in kept)
        if not text.strip():
            return None
        likely = steps[kept, best[kept]]
        # A step is as wide as the line by their number; letters stand where their step does.
        scale = (box.bottom - box.top) / _LINE_HEIGHT * width / len(steps)
        places = [box.left + float(step) * scale for step in kept]
        return Line(text, tuple(_words(text, likely, places, box)), 0, box)


def _session(models: Path, name: str) -> onnxruntime.InferenceSession:
    content = verified(models, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a forked child can have no other
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _values(picture: Image.Image) -> Values:
    """Grey values from -1 to 1, shape (1, 1, height, width)."""
    grey = np.asarray(picture, np.float32)[None, None]
    return grey / np.float32(127.5) - np.float32(1)


def _scaled(box: Box, grown: float, across: float, down: float, size: tuple[int, int]) -> Box:
    return Box(
        max(0, int((box.left - grown) * across)),
        max(0, int((box.top - grown) * down)),
        min(size[0], int((box.right + grown) * across) + 1),
        min(size[1], int((box.bottom + grown) * down) + 1),
    )


def _crop(picture: Image.Image, box: Box) -> Image.Image:
    """A line in the height that the recogniser knows. What is higher than wide runs downwards: it is turned."""
    line = picture.crop((box.left, box.top, box.right, box.bottom))
    if line.height > 1.5 * line.width:
        line = line.transpose(Image.Transpose.ROTATE_90)
    width = min(_LONGEST_LINE, max(1, round(line.width * _LINE_HEIGHT / line.height)))
    return line.resize((width, _LINE_HEIGHT), Resampling.BILINEAR)


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of lines of about one width, so many as are read at once."""
    batch: list[int] = []
    for number in sorted(range(len(widths)), key=lambda number: widths[number]):
        if batch and (len(batch) + 1) * widths[number] * _LINE_HEIGHT > _BATCH_PIXELS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _words(text: str, likely: Values, places: Sequence[float], box: Box) -> Iterator[Word]:
    start = 0
    for word in text.split(" "):
        end = start + len(word)
        if word:
            behind = places[end] if end < len(places) else box.right
            place = Box(int(places[start]), box.top, max(int(places[start]) + 1, int(behind)), box.bottom)
            yield Word(word, 100 * float(likely[start:end].mean()), place)
        start = end + 1
