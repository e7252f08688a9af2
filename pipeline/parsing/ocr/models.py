"""The model files of RapidOCR (PP-OCR): which they are, by their hashes, and how set-up takes them out of its package.

`python -m pipeline.parsing.ocr.models PACKAGE FOLDER` copies them from an unpacked package, with their licences. They
are data: nothing of the package is imported.
"""

import hashlib
import shutil
import sys
from pathlib import Path

FOLDER = "rapidocr"  # below the folder of all models
DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
HASHES = {  # as published with them, in MODEL_LICENSES.md of rapidocr 3.10.0
    DETECTOR: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    RECOGNISER: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
# Languages whose every letter the recogniser knows, by the names that tesseract has for them.
LANGUAGES = frozenset(
    {
        "afr", "cat", "ces", "chi_sim", "chi_tra", "dan", "deu", "eng", "est", "eus", "fin", "fra", "gle", "glg", "hrv",
        "hun", "ind", "isl", "ita", "jpn", "lat", "lav", "lit", "mlt", "msa", "nld", "nor", "pol", "por", "ron", "slk",
        "slv", "spa", "sqi", "swe", "tur",
    }
)  # fmt: skip
_LICENCES = ("LICENSE", "MODEL_LICENSES.md")


def verified(folder: Path, name: str) -> bytes:
    """The content of a model file. Raises OSError where it is not the one that was published."""
    content = (folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != HASHES[name]:
        raise OSError(f"{name} is not the file that was published")
    return content


def are_there(folder: Path) -> bool:
    """Whether there are files of these names; whether they are the right ones is looked at when they are loaded."""
    return all((folder / name).is_file() for name in HASHES)


def take(package: Path, folder: Path) -> None:
    """Copy the models, verified, and their licences out of an unpacked package. Raises OSError."""
    contents = {name: verified(package / "rapidocr" / "models", name) for name in HASHES}
    source = folder / "source"
    source.mkdir(parents=True, exist_ok=True)
    for licence in _LICENCES:
        for path in package.glob(f"rapidocr-*.dist-info/licenses/{licence}"):
            shutil.copyfile(path, source / licence)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
