"""Pictures: a page each, drawn in grey as they would look on paper; broken, truncated and far too large ones."""

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.outcomes import Code
from pipeline.parsing.formats import FORMATS
from pipeline.parsing.protocol import Bitmap, Finished, Frame, Opened, Page, Piece, Task
from pipeline.parsing.readers import picture_size
from tests.parsing.support import CAREFUL, REQUEST, assert_well_formed, frames

WIDTH, HEIGHT = 400, 300
DRAW = msgspec.structs.replace(REQUEST, task=Task.RENDER, pages=(1,))


def drawing(mode: str = "L", size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """White paper with a black bar in its upper left corner."""
    picture = Image.new("L", size, 255)
    picture.paste(0, (0, 0, size[0] // 2, size[1] // 4))
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **{"dpi": (200, 200), **options})
    return content.getvalue()


@dataclass(frozen=True)
class Drawn:
    """One page as it was drawn."""

    bitmap: Bitmap
    grey: Image.Image

    def at(self, across: float, down: float) -> int:
        """The grey value at a place, given as parts of width and height."""
        row, column = int(down * self.grey.height), int(across * self.grey.width)
        return self.grey.tobytes()[row * self.grey.width + column]

    @property
    def corners(self) -> tuple[int, ...]:
        """The grey values near the corners: upper left, upper right, lower left, lower right."""
        return tuple(self.at(across, down) for down in (0.1, 0.9) for across in (0.1, 0.9))


def drawn(data: bytes, pages: Sequence[int] = (1,), dpi: int = 300) -> list[Drawn | Bitmap]:
    """The pages; of one that cannot be drawn only what is said of it."""
    answer = frames(data, ".bin", msgspec.structs.replace(DRAW, pages=tuple(pages), dpi=dpi))
    assert answer[-1] == Finished()
    found: list[Drawn | Bitmap] = []
    content = b""
    for frame in answer[:-1]:
        if isinstance(frame, Bitmap):
            found.append(frame)
        else:
            assert isinstance(frame, Piece)
            content += frame.content
            if frame.last:
                bitmap = found.pop()
                assert isinstance(bitmap, Bitmap) and len(content) == bitmap.width * bitmap.height
                found.append(Drawn(bitmap, Image.frombytes("L", (bitmap.width, bitmap.height), content)))
                content = b""
    return found


def one(data: bytes, dpi: int = 300) -> Drawn:
    (found,) = drawn(data, dpi=dpi)
    assert isinstance(found, Drawn)
    return found


def read(data: bytes) -> list[Frame]:
    answer = frames(data, ".bin")
    assert_well_formed(answer)
    return answer


def codes(data: bytes) -> list[Code | None]:
    """The codes of the pages, then the one of the end."""
    answer = read(data)
    last = answer[-1]
    assert isinstance(last, Finished)
    return [frame.code for frame in answer if isinstance(frame, Page)] + [last.code]


class PictureContract:
    """What every format of pictures keeps to."""

    format: ClassVar[str]
    sample: ClassVar[bytes]
    truncated: ClassVar[list[Code | None]] = [Code.PAGES_WITHOUT_TEXT, Code.STRUCTURE_REPAIRED]

    def test_a_picture_is_one_page_without_text(self) -> None:
        assert read(self.sample) == [Opened(self.format, 1), Page(1, "", Code.PAGES_WITHOUT_TEXT), Finished()]

    def test_it_is_drawn_in_grey(self) -> None:
        picture = one(self.sample)
        assert abs(picture.grey.width / picture.grey.height - WIDTH / HEIGHT) < 0.01
        assert [round(value / 255) for value in picture.corners] == [0, 1, 1, 1]

    def test_a_truncated_picture_goes_as_far_as_it_goes_and_that_is_told(self) -> None:
        assert codes(self.sample[: -len(self.sample) // 4]) == self.truncated

    @CAREFUL
    @given(st.data())
    def test_a_damaged_picture_ends_in_one_last_frame(self, draw: st.DataObject) -> None:
        damaged = bytearray(self.sample[: draw.draw(st.integers(10, len(self.sample)))])
        for place in draw.draw(st.lists(st.integers(8, len(damaged) - 1), max_size=8)):
            damaged[place] = draw.draw(st.integers(0, 255))
        answer = read(bytes(damaged))
        if isinstance(answer[0], Opened):
            assert answer[0].format in FORMATS
            frames(bytes(damaged), ".bin", DRAW)


class TestPng(PictureContract):
    format, sample = "png", saved(drawing(), "PNG")


class TestJpeg(PictureContract):
    format, sample = "jpeg", saved(drawing("RGB"), "JPEG")


class TestTiff(PictureContract):
    format, sample = "tiff", saved(drawing("1"), "TIFF", compression="group4")
    truncated: ClassVar = [Code.STRUCTURE_DAMAGED]  # its directory lies at the end


class TestWebp(PictureContract):
    format, sample = "webp", saved(drawing("RGB"), "WEBP")
    truncated: ClassVar = [Code.STRUCTURE_DAMAGED]  # its decoder gives all or nothing


class TestGif(PictureContract):
    format, sample = "gif", saved(drawing("P"), "GIF")


class TestBmp(PictureContract):
    format, sample = "bmp", saved(drawing("P"), "BMP")


@pytest.mark.parametrize(
    ("kind", "modes"),
    [
        ("PNG", ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        ("JPEG", ("L", "RGB", "CMYK")),
        ("TIFF", ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F")),
        ("WEBP", ("RGB", "RGBA")),
        ("GIF", ("L", "P")),
        ("BMP", ("1", "L", "P", "RGB")),
    ],
)
def test_every_kind_of_values_becomes_grey(kind: str, modes: tuple[str, ...]) -> None:
    for mode in modes:
        made = drawing("RGB").convert(mode) if mode in ("CMYK", "YCbCr") else drawing("L")
        if mode.startswith("I"):
            made = drawing("I").point(lambda value: value * 200).convert(mode)
        elif mode == "LAB":
            made = Image.merge("LAB", (drawing(), *(Image.new("L", (WIDTH, HEIGHT), 128),) * 2))
        elif made.mode != mode:
            made = made.convert(mode)
        assert [round(value / 255) for value in one(saved(made, kind)).corners] == [0, 1, 1, 1], mode


class TestTransparency:
    """Paper is white, but for what would not be seen on it."""

    @pytest.mark.parametrize("mode", ["RGBA", "LA"])
    def test_what_is_transparent_is_white(self, mode: str) -> None:
        picture = Image.new(mode, (WIDTH, HEIGHT), (0,) * len(mode))
        picture.paste(drawing(mode).crop((0, 0, WIDTH // 2, HEIGHT // 4)))
        assert one(saved(picture, "PNG")).corners == (0, 255, 255, 255)

    def test_so_it_is_among_a_palette(self) -> None:
        picture = Image.new("P", (WIDTH, HEIGHT), 1)
        picture.putpalette([0, 0, 0] * 2)
        picture.paste(0, (0, 0, WIDTH // 2, HEIGHT // 4))
        assert one(saved(picture, "PNG", transparency=1)).corners == (0, 255, 255, 255)
        assert one(saved(picture, "GIF", transparency=1)).corners == (0, 255, 255, 255)

    def test_white_on_nothing_is_white_on_black(self) -> None:
        picture = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
        picture.paste((255, 255, 255, 255), (0, 0, WIDTH // 2, HEIGHT // 4))
        assert one(saved(picture, "PNG")).corners == (255, 0, 0, 0)


class TestMoreThanEightBits:
    """What instruments write: the range that is there becomes that of grey."""

    @pytest.mark.parametrize("most", [15, 4095, 65535])
    def test_the_range_is_stretched(self, most: int) -> None:
        picture = drawing("I").point(lambda value: value * (most / 255)).convert("I;16")
        assert one(saved(picture, "TIFF")).corners == (0, 255, 255, 255)

    def test_values_that_are_no_numbers_are_no_picture(self) -> None:
        picture = Image.new("F", (WIDTH, HEIGHT), float("nan"))
        assert one(saved(picture, "TIFF")).corners == (255, 255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_picture_is_turned_as_its_exif_says(kind: str, orientation: int) -> None:
    upright = drawing("RGB")
    ways = Image.Transpose
    back = {
        1: None, 2: ways.FLIP_LEFT_RIGHT, 3: ways.ROTATE_180, 4: ways.FLIP_TOP_BOTTOM, 5: ways.TRANSPOSE,
        6: ways.ROTATE_90, 7: ways.TRANSVERSE, 8: ways.ROTATE_270,
    }[orientation]  # fmt: skip
    lying = upright if back is None else upright.transpose(back)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = one(saved(lying, kind, exif=exif))
    assert picture.grey.width > picture.grey.height
    assert [round(value / 255) for value in picture.corners] == [0, 1, 1, 1]


def test_broken_exif_is_no_reason_not_to_draw() -> None:
    assert one(saved(drawing(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).corners[0] == 0


class TestSize:
    """Large enough for letters to be recognised, and not larger."""

    @pytest.mark.parametrize(
        ("tagged", "size", "dpi"),
        [
            ((200, 200), (400, 300), 200),
            ((300, 300), (400, 300), 300),
            ((400, 400), (400, 300), 400),
            ((150, 150), (533, 400), 200),
            ((100, 100), (800, 600), 200),
            ((600, 600), (200, 150), 300),
            ((1200, 1200), (100, 75), 300),
            ((50, 50), (1600, 1200), 200),
        ],
    )
    def test_by_the_resolution_that_the_file_tells(
        self, tagged: tuple[int, int], size: tuple[int, int], dpi: int
    ) -> None:
        picture = one(saved(drawing(), "PNG", dpi=tagged))
        assert (picture.bitmap.width, picture.bitmap.height) == size
        assert abs(picture.bitmap.dpi - dpi) <= 1

    def test_a_coarser_one_may_be_asked_for(self) -> None:
        assert one(saved(drawing(), "PNG", dpi=(600, 600)), dpi=250).bitmap.width == 167

    def test_the_pixels_of_a_fax_become_square(self) -> None:
        fax = saved(drawing("1", (1728, 1000)), "TIFF", dpi=(204, 98), compression="group3")
        picture = one(fax)
        assert (picture.bitmap.width, picture.bitmap.height, picture.bitmap.dpi) == (1728, 2082, 204)

    @pytest.mark.parametrize("tagged", [(72, 72), (96, 96), (0, 0), (1, 1), (65535, 1), (5, 5000)])
    def test_a_camera_that_says_nothing_true_has_taken_a_page(self, tagged: tuple[int, int]) -> None:
        picture = one(saved(drawing(size=(3510, 2480)), "JPEG", dpi=tagged))
        assert (picture.bitmap.width, picture.bitmap.height, picture.bitmap.dpi) == (3510, 2480, 300)

    def test_a_small_one_is_not_enlarged_without_end(self) -> None:
        icon = one(saved(drawing(size=(16, 16)), "PNG", dpi=(0, 0)))
        assert (icon.bitmap.width, icon.bitmap.height) == (64, 64)

    def test_a_line_is_a_picture_too(self) -> None:
        assert one(saved(drawing(size=(3000, 1)), "PNG", dpi=(0, 0))).bitmap.height == 1

    def test_a_large_one_is_drawn_smaller(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert picture_size.MAX_PIXELS == 40_000_000
        monkeypatch.setattr(picture_size, "MAX_PIXELS", 160_000)
        picture = one(saved(drawing("1", (900, 900)), "PNG", dpi=(300, 300)))
        assert picture.bitmap == Bitmap(1, 400, 400, 133)
        assert [round(value / 255) for value in picture.corners] == [0, 1, 1, 1]


class TestPagesOfTiff:
    """Scanners write many pages into one file."""

    PAGES = tuple(drawing("1", (300 + number, 200)) for number in range(3))
    FILE = saved(PAGES[0], "TIFF", save_all=True, append_images=PAGES[1:])

    def test_each_is_a_page(self) -> None:
        assert read(self.FILE) == [
            Opened("tiff", 3),
            *(Page(number, "", Code.PAGES_WITHOUT_TEXT) for number in (1, 2, 3)),
            Finished(),
        ]

    def test_reading_resumes_at_any(self) -> None:
        answer = frames(self.FILE, ".tif", msgspec.structs.replace(REQUEST, first_page=3))
        assert answer == [Opened("tiff", 3), Page(3, "", Code.PAGES_WITHOUT_TEXT), Finished()]

    def test_those_that_are_wanted_are_drawn(self) -> None:
        found = drawn(self.FILE, (3, 1))
        assert [one.bitmap for one in found if isinstance(one, Drawn)] == [
            Bitmap(3, 302, 200, 200),
            Bitmap(1, 300, 200, 200),
        ]

    def test_pages_beyond_the_limit_are_left_out_and_that_is_told(self) -> None:
        answer = frames(self.FILE, ".tif", msgspec.structs.replace(REQUEST, max_pages=2))
        assert [frame.number for frame in answer if isinstance(frame, Page)] == [1, 2]
        assert answer[-1] == Finished(Code.PAGE_LIMIT)

    def test_a_thumbnail_is_no_page(self) -> None:
        file = saved(self.PAGES[0], "TIFF", save_all=True, append_images=self.PAGES[1:2], tiffinfo={254: 0})
        assert read(file)[0] == Opened("tiff", 2)
        tag = struct.pack("<HHII", 254, 4, 1, 0)
        small = file[: file.rindex(tag)] + struct.pack("<HHII", 254, 4, 1, 1) + file[file.rindex(tag) + len(tag) :]
        assert read(small) == [Opened("tiff", 1), Page(1, "", Code.PAGES_WITHOUT_TEXT), Finished()]

    def test_a_chain_that_bites_its_tail_ends(self) -> None:
        first = struct.unpack_from("<I", self.FILE, 4)[0]
        entries = struct.unpack_from("<H", self.FILE, first)[0]
        at = first + 2 + 12 * entries
        looped = self.FILE[:at] + struct.pack("<I", first) + self.FILE[at + 4 :]
        assert read(looped) == [Opened("tiff", 1), Page(1, "", Code.PAGES_WITHOUT_TEXT), Finished()]

    def test_a_broken_page_costs_itself(self) -> None:
        pages = [Image.frombytes("L", (200, 200), bytes(range(200)) * 200) for _ in range(3)]
        file = bytearray(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate"))
        second = file.index(b"x\x9c", file.index(b"x\x9c") + 2)
        file[second : second + 40] = bytes(40)
        found = codes(bytes(file))
        assert (found[0], found[2]) == (Code.PAGES_WITHOUT_TEXT, Code.PAGES_WITHOUT_TEXT)
        assert found[1] is Code.PAGES_FAILED or found[-1] is Code.STRUCTURE_REPAIRED


def test_moving_pictures_are_their_first() -> None:
    frames_of_one = [drawing("P"), Image.new("P", (WIDTH, HEIGHT), 0)]
    for kind in ("GIF", "WEBP", "PNG"):
        made = [picture.convert("RGB") for picture in frames_of_one] if kind != "GIF" else frames_of_one
        moving = saved(made[0], kind, save_all=True, append_images=made[1:], duration=100)
        assert read(moving)[0] == Opened(kind.lower(), 1)
        assert [round(value / 255) for value in one(moving).corners] == [0, 1, 1, 1]


def png(width: int, height: int, colour: int, rows: bytes) -> bytes:
    """A PNG of 8 bits that says to be so large."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def webp(kind: bytes, content: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


HUGE: dict[str, bytes] = {
    "png": png(50_000, 50_000, 0, bytes(1000)),
    "png in colour": png(20_000, 20_000, 2, bytes(1000)),
    "gif": b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02L\x01\x00;",
    "bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 100, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "webp": webp(b"VP8X", b"\x00" * 4 + b"\xff\x3f\x00" * 2 + bytes(20)),
    "webp without loss": webp(b"VP8L", b"\x2f" + struct.pack("<I", 16383 | 16383 << 14) + bytes(20)),
    "webp of one frame": webp(b"VP8 ", b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383) + bytes(20)),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_bomb_is_not_unpacked(name: str) -> None:
    answer = read(HUGE[name])
    told = [frame.code for frame in answer if isinstance(frame, Page | Finished) and frame.code is not None]
    assert told == [Code.READER_LIMIT]
    drawing_it = frames(HUGE[name], ".bin", DRAW)
    first = drawing_it[0]
    assert isinstance(first, Bitmap | Finished) and first.code is Code.READER_LIMIT


def test_a_photograph_that_is_too_large_in_colour_is_decoded_smaller() -> None:
    """JPEG can be; a scan of 130 million pixels takes the memory of a quarter of them."""
    data = saved(drawing("RGB", (100, 100)), "JPEG", dpi=(1200, 1200))
    at = data.index(b"\xff\xc0") + 5
    large = data[:at] + struct.pack(">HH", 11_400, 11_400) + data[at + 4 :]
    assert codes(large) == [Code.PAGES_WITHOUT_TEXT, None]
    assert one(large).bitmap.width == 2850


def test_a_picture_of_nothing_is_broken() -> None:
    assert codes(png(0, 10, 0, b"")) != [Code.PAGES_WITHOUT_TEXT, None]


@pytest.mark.parametrize("start", [TestPng.sample[:8], TestJpeg.sample[:3], b"GIF89a", b"II*\0", b"MM\0*"])
def test_a_beginning_alone_is_no_picture(start: bytes) -> None:
    assert read(start) == [Finished(Code.STRUCTURE_DAMAGED)]
