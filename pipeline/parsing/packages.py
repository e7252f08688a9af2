"""Which format lies in a ZIP or OLE package: decided by the parts that it holds, never by the file's name."""

from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import compound
from pipeline.parsing.parts import Package
from pipeline.parsing.reading import ReadingEnded

_MIMETYPE_BYTES = 100
_MIMETYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.graphics": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.sun.xml.calc": "ods",  # before the standard, with nearly the same parts
}
_OFFICE_FOLDERS = {"word": "docx", "ppt": "pptx", "xl": "xlsx"}
_OFFICE_TYPES = {b"wordprocessingml": "docx", b"presentationml": "pptx", b"spreadsheetml": "xlsx"}
# Packages of programs whose documents are not read: taken for archives, they would give parts that mean nothing.
_FOREIGN_PARTS = frozenset(
    {"Index/Document.iwa", "Index.zip", "index.apxl", "visio/document.xml", "buildVersionHistory.plist"}
)
_ENCRYPTED = "EncryptedPackage"  # around an encrypted Office document: unlocking.py has come before
# Works, Publisher, Visio, Project and Windows itself keep other streams, and none of these.
_STREAMS = {
    "WordDocument": "doc",
    "PowerPoint Document": "ppt",
    "Workbook": "xls",
    "Book": "xls",
    "__properties_version1.0": "msg",
}


def zip_format(file: BinaryIO) -> str:
    """The name of a ZIP's format; of one in which nothing is found: `zip`, whose reader says what is wrong.

    Raises ReadingEnded(FORMAT_NOT_READ) for packages of unknown programs.
    """
    try:
        package = Package(file)
    except ReadingEnded:
        return "zip"
    finally:
        file.seek(0)
    declared = package.read("mimetype", _MIMETYPE_BYTES).decode("ascii", "replace").strip()
    types = package.find("[Content_Types].xml")
    found = next((name for mimetype, name in _MIMETYPES.items() if declared.startswith(mimetype)), None)
    if found is None and types is not None:
        found = _office_format(package, package.read(types))
    if found is None and (types is not None or _FOREIGN_PARTS & set(package.names)):
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    return found or "zip"


def _office_format(package: Package, types: bytes) -> str | None:
    """The format of an Office Open XML package: by the folders that programs use, else by the types of its parts."""
    folders = {name.replace("\\", "/").lower().partition("/")[0] for name in package.names}
    found = next((name for folder, name in _OFFICE_FOLDERS.items() if folder in folders), None)
    found = found or next((name for kind, name in _OFFICE_TYPES.items() if kind in types), None)
    return "xlsb" if found == "xlsx" and package.find("xl/workbook.bin") else found


def ole_format(file: BinaryIO) -> str:
    """The name of the format in an OLE package (MS-CFB).

    Raises ReadingEnded: FORMAT_NOT_READ for those of other programs, STRUCTURE_DAMAGED, ENCRYPTION_UNKNOWN.
    """
    root = compound.opened(file)
    file.seek(0)
    if root.has(_ENCRYPTED):
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
    found = next((name for stream, name in _STREAMS.items() if root.has(stream)), None)
    if found is None:
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    return found
