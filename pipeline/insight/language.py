"""Says which language a document is written in, or that it is not sure. Reads the model of py3langid; never writes.

The model (BSD, in the pinned wheel of py3langid) counts byte n-grams. It is a NumPy archive, loaded without pickle.
"""

import io
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence

from pipeline.datatypes import PageText

# What is told apart: ISO 639-1. The model knows more; those without such a code are no answer here.
_CODES = (
    "af am an ar as az ba be bg bn br bs ca cs cy da de dz el en eo es et eu fa fi fo fr fy ga gd gl gn gu ha he hi hr "
    "ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lg ln lo lt lv mg mk ml mn mr ms mt my ne nl nn no oc om or "
    "pa pl ps pt qu ro ru rw sa se si sk sl sn so sq sr st sv sw ta te tg th tk tl tr tt ug uk ur uz vi vo wa xh yo zh "
    "zu"
)
LANGUAGES = frozenset(_CODES.split())
# Varieties that the model tells apart, each counted as the language by whose code people look for it.
_VARIETY_OF = {
    "arz": "ar", "ary": "ar", "grc": "el", "gug": "gn", "hbo": "he", "ltg": "lv", "pcm": "en", "sdh": "ku", "uzs": "uz",
    "wuu": "zh", "yue": "zh",
}  # fmt: skip

SAMPLE_CHARACTERS = 8_000  # more changes no answer, and a book costs no more than a letter
STRETCHES = 3  # the beginning, the middle and the end: covers and appendices may be in another language
# Below this a word decides: of the answers to single words 6 % were wrong, of those to paragraphs hardly any but those
# between neighbours such as Bosnian and Croatian.
MIN_LETTER_BYTES = 24  # in UTF-8, as the model counts: 24 Latin letters, 12 Cyrillic ones, 8 Chinese characters
MIN_PROBABILITY = 0.5  # paragraphs reach 0.9, close neighbours 0.6, lists of names and part numbers 0.3

# English that reads like English is told by its commonest words, of which no other language has as many; the model
# (80 MB, most of a second) is loaded for the first document that is anything else.
_ENGLISH = (
    "and are be been by for from have is of or shall should such than that the their there these they this to were "
    "which will with would you your"
)
_ENGLISH_WORDS = frozenset(_ENGLISH.split())
_ENGLISH_SHARE = 0.2  # of all words: half of English paragraphs have 0.25 or more, of other languages the most is 0.16
_ENGLISH_MIN_WORDS = 30

_WORD = re.compile(r"[^\W\d_]+")
_ASCII_RUN = re.compile(r"[!-~]+")
_NO_WORD = re.compile(r"[\d@_/\\=<>{}|#$%^*+~`]")  # addresses, amounts, part numbers, identifiers of programs

Rank = Callable[[str], list[tuple[str, float]]]


class LanguageGuesser:
    """Tells languages apart. Threads may share it; the model is loaded once, when it is first needed."""

    def __init__(self) -> None:
        self._rank: Rank | None = None
        self._loading = threading.Lock()

    def of(self, pages: Sequence[PageText]) -> str | None:
        """ISO 639-1 code of the language that most of the document is in; None: too little text, or not sure."""
        words = _words(sample(pages))
        if _letter_bytes(words) < MIN_LETTER_BYTES:
            return None
        return "en" if _reads_like_english(words) else self._most_likely(words)

    def _most_likely(self, words: str) -> str | None:
        likely: dict[str, float] = {}
        for name, probability in self._ranking()(words):
            language = _VARIETY_OF.get(name, name)
            likely[language] = likely.get(language, 0.0) + probability
        best = max(likely, key=lambda language: likely[language])
        return best if best in LANGUAGES and likely[best] >= MIN_PROBABILITY else None

    def _ranking(self) -> Rank:
        with self._loading:
            if self._rank is None:
                self._rank = _load()
            return self._rank


def sample(pages: Sequence[PageText]) -> str:
    """Text from all over the document, without what its pages repeat; at most about SAMPLE_CHARACTERS."""
    bodies = [page.text if page.body is None else page.text[slice(*page.body)] for page in pages]
    length = sum(map(len, bodies))
    if length <= SAMPLE_CHARACTERS:
        return "\n".join(bodies)
    each = SAMPLE_CHARACTERS // STRETCHES
    starts = [place * (length - each) // (STRETCHES - 1) for place in range(STRETCHES)]
    return "\n".join("\n".join(_stretch(bodies, start, start + each)) for start in starts)


def _stretch(bodies: Sequence[str], start: int, end: int) -> Iterator[str]:
    """What lies between two offsets of all bodies together."""
    offset = 0
    for body in bodies:
        if offset < end and offset + len(body) > start:
            yield body[max(0, start - offset) : end - offset]
        offset += len(body)


def _words(text: str) -> str:
    """The text in small letters, without what is no word of any language."""
    return _ASCII_RUN.sub(lambda run: " " if _NO_WORD.search(run[0]) else run[0], text).lower()


def _letter_bytes(text: str) -> int:
    return len("".join(filter(str.isalpha, text)).encode("utf-8", "replace"))


def _reads_like_english(text: str) -> bool:
    words = _WORD.findall(text)
    return len(words) >= _ENGLISH_MIN_WORDS and sum(map(_ENGLISH_WORDS.__contains__, words)) >= (
        _ENGLISH_SHARE * len(words)
    )


def _load() -> Rank:
    """The model's languages with their probabilities for a text, read from the package without py3langid's loader.

    That one unpacks into a temporary file, which the lock forbids (isolation/sealing.py).
    """
    import lzma  # noqa: PLC0415 - an index of English documents needs none of these

    import numpy as np  # noqa: PLC0415
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    unpacked = io.BytesIO()
    with lzma.open(MODEL_DIR / MODEL_FILE) as packed:
        shutil.copyfileobj(packed, unpacked)
    unpacked.seek(0)
    with np.load(unpacked, allow_pickle=False) as model:
        identifier = LanguageIdentifier(
            model["ptc"],
            model["pc"],
            model["classes"].tolist(),
            memoryview(model["nextmove"]),  # read byte by byte: a NumPy array takes three times as long for that
            model["out_feat"].tolist(),
            norm_probs=True,
            tk_row=model["nextmove_row"].tolist(),
        )
    rank: Rank = identifier.rank
    return rank
