"""Tar archives are known by the check sum of their first block, packed or not."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

import pytest

from pipeline.parsing.tarballs import BLOCK_BYTES, compressed_format, is_tar_header
from pipeline.parsing.unpacking import compression_of


def tar(form: int = tarfile.GNU_FORMAT, name: str = "a.txt", content: bytes = b"text") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as target:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        target.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def seventh_edition(data: bytes) -> bytes:
    """The same header as before there was a signature."""
    header = bytearray(data[:BLOCK_BYTES])
    header[257:512] = bytes(255)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    return bytes(header) + data[BLOCK_BYTES:]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_the_header_of_each_kind_is_one(form: int) -> None:
    assert is_tar_header(tar(form)[:BLOCK_BYTES])


def test_a_header_without_signature_is_one() -> None:
    assert is_tar_header(seventh_edition(tar())[:BLOCK_BYTES])


def test_a_check_sum_of_signed_bytes_is_one() -> None:
    header = bytearray(tar(name="\u00fc.txt")[:BLOCK_BYTES])
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % (sum(header) - 256 * sum(byte > 127 for byte in header))
    assert is_tar_header(bytes(header))


@pytest.mark.parametrize(
    "block",
    [
        b"", bytes(512), b"x" * 512, tar()[:511], tar()[:100] + b"x" + tar()[101:512],
        b"a" * 148 + b"99999999" + b"a" * 356, b"a" * 148 + "٣٣٣٣".encode() + b"a" * 356, b"12345 " * 100,
    ],
)  # fmt: skip
def test_other_blocks_are_none(block: bytes) -> None:
    assert not is_tar_header(block[:512])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize(("content", "found"), [(tar(), "tar"), (b"text", "compressed"), (b"", "compressed")])
def test_what_was_packed_decides(pack: Callable[[bytes], bytes], content: bytes, found: str) -> None:
    file = io.BytesIO(pack(content))
    compression = compression_of(file.getvalue())
    assert compression is not None
    assert compressed_format(file, compression) == found
    assert file.tell() == 0


def test_a_broken_stream_is_left_to_its_reader() -> None:
    broken = gzip.compress(tar())[:12]
    compression = compression_of(broken)
    assert compression is not None
    assert compressed_format(io.BytesIO(broken), compression) == "compressed"
