"""Opens what lies in an OLE file behind a password or in a wrapper, before its format is asked for. In memory only.

Protection of a sheet or a workbook against changes is no encryption: such files are read as they are.
"""

import io
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import compound, ole_objects
from pipeline.parsing.compound import Storage
from pipeline.parsing.decryption import documents, ecma376
from pipeline.parsing.effort import Exhausted, at_most
from pipeline.parsing.protocol import Request
from pipeline.parsing.reading import ReadingEnded

# Excel and PowerPoint encrypt with these what only forbids changes; the empty password is what a user may leave.
_OWN_PASSWORDS = ("", "VelvetSweatshop", "/01Hannes Ruescher/01")
_RIGHTS_MANAGED = ("\tDRMContent", "\x06DataSpaces")  # keys that only a server has
_DEEPEST = 4  # a file in a wrapper, encrypted, in a wrapper


def unlocked(file: BinaryIO, request: Request) -> BinaryIO:
    """The file that is to be read, at its start: what is encrypted opened with a password, what is wrapped taken out.

    Raises ReadingEnded: PASSWORD_NEEDED when none of request.passwords fits within the processor time for a page,
    ENCRYPTION_UNKNOWN, STRUCTURE_DAMAGED,
    or READER_LIMIT when opening it takes too long.
    """
    try:
        with at_most(request.page_cpu_s):
            for _ in range(_DEEPEST):
                if file.read(len(compound.SIGNATURE)) != compound.SIGNATURE:
                    break
                inner = _revealed(compound.opened(file), (*_OWN_PASSWORDS, *request.passwords))
                if inner is None:
                    break
                file = inner
    except Exhausted:
        raise ReadingEnded(Code.READER_LIMIT) from None
    file.seek(0)
    return file


def _revealed(root: Storage, passwords: tuple[str, ...]) -> BinaryIO | None:
    """What lies in the file and has to be taken out, None where the file itself is to be read."""
    if root.has("EncryptedPackage"):
        scheme = ecma376.scheme_of(root.stream("EncryptionInfo"))
        key = _key(scheme, passwords)
        return scheme.decrypted(key, root.stream("EncryptedPackage"))
    if any(root.has(name) for name in _RIGHTS_MANAGED):
        raise ReadingEnded(Code.ENCRYPTION_UNKNOWN)
    for main_stream, opening_of in (
        ("WordDocument", documents.word),
        ("PowerPoint Document", documents.slides),
        ("Workbook", documents.sheets),
        ("Book", documents.sheets),
    ):
        if root.has(main_stream):
            opening = opening_of(root)
            return None if opening is None else _opened(opening, passwords)
    wrapped = ole_objects.wrapped(root)
    return io.BytesIO(wrapped.content) if wrapped else None


def _key(scheme: ecma376.Agile | ecma376.Standard, passwords: tuple[str, ...]) -> bytes:
    """Each try takes as long as the file asks for; what comes after the time is over is not tried."""
    try:
        found = next((key for password in passwords if (key := scheme.key(password)) is not None), None)
    except Exhausted:
        found = None
    if found is None:
        raise ReadingEnded(Code.PASSWORD_NEEDED)
    return found


def _opened(opening: documents.Opening, passwords: tuple[str, ...]) -> BinaryIO:
    for password in passwords:
        inner = opening(password)
        if inner is not None:
            return inner
    raise ReadingEnded(Code.PASSWORD_NEEDED)
