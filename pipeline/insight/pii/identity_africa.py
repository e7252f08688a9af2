"""How South Africa numbers people and firms. Rules only, no list of numbers."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import DIGIT, NATIONAL, TAX, is_day_of_any_century, near, number, pairs
from pipeline.personal import PersonalKind


def _za_id(text: str) -> bool:
    """Identification Act 68 of 1997: day of birth, sex and serial, citizen or resident, Luhn's formula."""
    year, month, day = pairs(text)
    return text[10] in "012" and is_day_of_any_century(year, month, day) and checksums.luhn(text)


def _za_tax_number(text: str) -> bool:
    """South African Revenue Service, tax reference number: Luhn's formula over ten digits."""
    return checksums.luhn(text)


_ID_WORDS = near(
    "rsa id", "sa id", "south african id", "id (?:number|no|nr)", "id-?nommer", "identiteitsnommer", *NATIONAL
)
_TAX_WORDS = near("sars", "belasting(?:nommer|verwysingsnommer)", "south african tax", *TAX)

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "za_id", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d[01]\d[0-3]\d \d{4} \d\d ?\d", lone=True),
        _za_id, alone=0.85, in_context=0.98, context=_ID_WORDS,
    ),
    Detector(
        "za_id_bare", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d[01]\d[0-3]\d ?\d{4} ?\d\d ?\d"),
        _za_id, in_context=0.97, context=_ID_WORDS,
    ),
    Detector(
        "za_tax_number", PersonalKind.TAX_ID, number("[01239]", r"\d{9}|\d{3}/\d{3}/\d{3}"),
        _za_tax_number, in_context=0.93, context=_TAX_WORDS,
    ),
)  # fmt: skip
