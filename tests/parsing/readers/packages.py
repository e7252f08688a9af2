"""Office documents of a few lines, made by the tests: a package is what its parts are."""

import io
import zipfile
from collections.abc import Mapping

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
NAME_SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": _W,
        "r": _R,
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "p188": "http://schemas.microsoft.com/office/powerpoint/2018/8/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "v": "urn:schemas-microsoft-com:vml",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    }.items()
)


def package(parts: Mapping[str, str | bytes], *, stored: bool = False) -> bytes:
    """A ZIP file with these parts, the same bytes each time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_STORED if stored or name == "mimetype" else zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return file.getvalue()


def relations(*targets: tuple[str, str, str]) -> str:
    """The relations of a part: id, kind and target of each. A target with `://` lies outside."""
    found = ""
    for key, kind, target in targets:
        mode = ' TargetMode="External"' if "://" in target else ""
        found += f'<Relationship Id="{key}" Type="{_R}/{kind}" Target="{target}"{mode}/>'
    return f'<Relationships xmlns="{_RELATIONS}">{found}</Relationships>'


def part(tag: str, content: str) -> str:
    """One part whose root is the element `tag`, with all name spaces declared."""
    return f'<?xml version="1.0" encoding="UTF-8"?><{tag} {NAME_SPACES}>{content}</{tag}>'


def docx(body: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A text document with this body and other parts."""
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(("rId1", "officeDocument", "word/document.xml")),
            "word/document.xml": part("w:document", f"<w:body>{body}</w:body>"),
            **(parts or {}),
        }
    )


def paragraph(text: str) -> str:
    """A paragraph of one run."""
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
