"""Whether a file is a tar archive, packed or not: decided by its first block. Reads no further."""

from typing import BinaryIO

from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.unpacking import Compression, unpacked_file

BLOCK_BYTES = 512
_SUM = slice(148, 156)  # where a header's check sum stands; it is made as if spaces stood there


def is_tar_header(block: bytes) -> bool:
    """Whether a block is the header of an entry: its check sum tells, since the oldest have no signature."""
    digits = block[_SUM].strip(b"\x00 ")
    if len(block) < BLOCK_BYTES or not digits.isdigit() or digits.strip(b"01234567"):
        return False
    outside = block[: _SUM.start] + b" " * 8 + block[_SUM.stop : BLOCK_BYTES]
    declared, total = int(digits, 8), sum(outside)
    if declared == total:
        return True
    return declared == total - 256 * sum(byte > 127 for byte in outside)  # as some old programs count


def compressed_format(file: BinaryIO, compression: Compression) -> str:
    """`tar` where the compressed file holds a tar archive, else `compressed`. The file is left at its start."""
    try:
        first = next(unpacked_file(file, compression), b"")
    except ReadingEnded:  # its reader says what is wrong
        first = b""
    file.seek(0)
    return "tar" if is_tar_header(first[:BLOCK_BYTES]) else "compressed"
