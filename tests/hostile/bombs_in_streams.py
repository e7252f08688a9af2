"""PDF bombs in the streams of a file: what is small stored and large decoded."""

import zlib

from tests.hostile.bombs import DAMAGED, FAILED, NO_TEXT, TOO_LARGE, Bomb, bomb
from tests.hostile.compressed import flate_zeros, lzw_zeros, run_lengths
from tests.hostile.pdf_parts import FLATE, document, flate, stream

_PREDICTOR = b"/DecodeParms << /Predictor %d /Columns %d /Colors 1 /BitsPerComponent 8 >>"


def flate_gibibyte() -> bytes:
    return document(stream(flate_zeros(1024), FLATE))


def flate_nested() -> bytes:
    return document(stream(zlib.compress(flate_zeros(1024), 9), b"/Filter [/FlateDecode /FlateDecode]"))


def flate_damaged() -> bytes:
    """Recovered byte by byte, each of which may unfold to much."""
    return document(stream(b"\x78\x9c" + flate_zeros(1024)[100:], FLATE))


def hexadecimal() -> bytes:
    data = (b"3" * 70_000_000) + b">"
    return document(flate(data).replace(b"/Filter /FlateDecode", b"/Filter [/FlateDecode /ASCIIHexDecode]"))


def base_85() -> bytes:
    data = (b"z" * 70_000_000) + b"~>"
    return document(flate(data).replace(b"/Filter /FlateDecode", b"/Filter [/FlateDecode /ASCII85Decode]"))


def predictor(kind: int, row: bytes) -> bytes:
    rows = zlib.compress(row * (70_000_000 // len(row)), 1)
    return document(stream(rows, FLATE + b" " + _PREDICTOR % (kind, len(row) - 1)))


def no_length() -> bytes:
    return document(b"<< /Filter /FlateDecode >>\nstream\n" + flate_zeros(64) + bytes(60_000_000) + b"\nendstream")


def many_filters() -> bytes:
    return document(stream(b"x", b"/Filter [%b]" % (b"/FlateDecode " * 1000)))


def unpacked_lzw() -> bytes:
    return document(stream(lzw_zeros(11), b"/Filter /LZWDecode"))


def unpacked_run_lengths() -> bytes:
    return document(stream(run_lengths(1_000_000), b"/Filter /RunLengthDecode"))


STREAMS: tuple[Bomb, ...] = (
    bomb("flate, 1 GiB", flate_gibibyte, TOO_LARGE),
    bomb("flate in flate, 1 GiB", flate_nested, TOO_LARGE),
    bomb("flate, damaged", flate_damaged, TOO_LARGE, DAMAGED),
    bomb("LZW, 80 MB", unpacked_lzw, TOO_LARGE),
    bomb("run lengths, 128 MB", unpacked_run_lengths, TOO_LARGE),
    bomb("hexadecimal in flate", hexadecimal, NO_TEXT),
    bomb("base 85 in flate", base_85, TOO_LARGE, FAILED),
    bomb("a thousand filters", many_filters, TOO_LARGE),
    bomb("rows by the Paeth predictor", lambda: predictor(15, b"\x04" + b"\x01" * 1000), TOO_LARGE),
    bomb("rows by the TIFF predictor", lambda: predictor(2, b"\x01" * 1001), TOO_LARGE),
    bomb("rows of two million columns", lambda: predictor(15, b"\x04" * 2_000_001), TOO_LARGE),
    bomb("a stream without a length", no_length, NO_TEXT, DAMAGED),
)
