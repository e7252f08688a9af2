"""Which format lies in a ZIP or OLE package: decided by the parts that it holds, never by the file's name."""

import zipfile
from typing import BinaryIO

import olefile

from pipeline.outcomes import Code
from pipeline.parsing.reading import ReadingEnded

ENCRYPTED = "encrypted"  # an OLE package around an encrypted Office document
_MIMETYPE_BYTES = 100
_MIMETYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.graphics": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_OFFICE_FOLDERS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
# Packages of programs whose documents are not read: taken for archives, they would give parts that mean nothing.
_FOREIGN_PARTS = frozenset(
    {"Index/Document.iwa", "Index.zip", "index.apxl", "index.xml", "visio/document.xml", "META-INF/MANIFEST.MF"}
)
_STREAMS = (
    ("EncryptedPackage", ENCRYPTED),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("__properties_version1.0", "msg"),
)


def zip_format(file: BinaryIO) -> str:
    """The name of a ZIP's format; of one whose directory is lost: `zip`, whose reader says what is wrong.

    Raises ReadingEnded(FORMAT_NOT_READ) for packages of unknown programs.
    """
    try:
        with zipfile.ZipFile(file) as package:
            names = package.namelist()
            known = set(names)
            if "mimetype" in known:
                with package.open("mimetype") as part:
                    declared = part.read(_MIMETYPE_BYTES).decode("ascii", "replace").strip()
                for mimetype, name in _MIMETYPES.items():
                    if declared.startswith(mimetype):
                        return name
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return "zip"
    finally:
        file.seek(0)
    if "[Content_Types].xml" in known:
        for folder, name in _OFFICE_FOLDERS.items():
            if any(part.startswith(folder) for part in names):
                return "xlsb" if "xl/workbook.bin" in known else name
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    if known & _FOREIGN_PARTS:
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    return "zip"


def ole_format(file: BinaryIO) -> str:
    """The name of the format in an OLE package (MS-CFB), or ENCRYPTED. Raises ReadingEnded."""
    try:
        with olefile.OleFileIO(file.read()) as package:
            for stream, name in _STREAMS:
                if package.exists(stream):
                    return name
    except (OSError, ValueError, IndexError, TypeError):
        raise ReadingEnded(Code.STRUCTURE_DAMAGED) from None
    finally:
        file.seek(0)
    raise ReadingEnded(Code.FORMAT_NOT_READ)
