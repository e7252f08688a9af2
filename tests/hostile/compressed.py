"""Compressed streams that unfold to far more than they are, without anyone having to unfold them here."""

import zlib

_PIECE = 1 << 20  # bytes
_ADLER = 65521  # RFC 1950, 9


def flate_zeros(mebibytes: int) -> bytes:
    """A valid zlib stream of so many MiB of zero bytes, about a kilobyte for each.

    Behind a full flush a deflate block refers to nothing before it, so that one block can stand there many times.
    """
    packer = zlib.compressobj(9)
    first = packer.compress(bytes(_PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(_PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.flush(zlib.Z_FINISH)[:-4]
    checksum = (mebibytes * _PIECE % _ADLER) << 16 | 1  # Adler-32 of zeros
    return first + again * (mebibytes - 1) + last + checksum.to_bytes(4, "big")


def lzw_zeros(cycles: int) -> bytes:
    """An LZW stream (ISO 32000-1, 7.4.4) of zeros: each cycle fills the table and unfolds to about 7 million bytes."""
    bits: list[str] = []
    for _ in range(cycles):
        bits.append(f"{256:09b}{0:09b}")  # clear, then one zero
        for code in range(258, 4095):  # each code is the previous string and one zero more
            bits.append(f"{code:0{_width(code)}b}")
    bits.append(f"{256:012b}{257:09b}")  # clear, end
    joined = "".join(bits)
    joined += "0" * (-len(joined) % 8)
    return int(joined, 2).to_bytes(len(joined) // 8, "big")


def run_lengths(pairs: int) -> bytes:
    """A run-length stream (ISO 32000-1, 7.4.5) in which each pair of bytes unfolds to 128 spaces."""
    return b"\x81 " * pairs + b"\x80"


def _width(code: int) -> int:
    """How many bits a code takes once the table has grown up to it; the width changes one code early."""
    size = code  # entries in the table when this code is written
    return 9 if size < 511 else 10 if size < 1023 else 11 if size < 2047 else 12
