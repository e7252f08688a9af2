"""How Sweden, Norway, Denmark, Finland, Estonia and Lithuania number people. Rules only, no list of numbers."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import DIGIT, NATIONAL, is_day, is_day_of_any_century, near, number, pairs
from pipeline.personal import PersonalKind


def _se_personnummer(text: str) -> bool:
    """Folkbokföringslagen (1991:481), § 18, and Skatteverket: Luhn over ten digits; a day of birth."""
    digits = "".join(c for c in text if c.isdigit())
    year, month, day = pairs(digits[-10:])
    if len(digits) == 12:
        return checksums.luhn(digits[-10:]) and is_day(int(digits[:4]), month, day)
    return checksums.luhn(digits) and is_day_of_any_century(year, month, day)


def _se_number(text: str) -> bool:
    """As above, or a coordination number (samordningsnummer, 60 more on the day)."""
    digits = "".join(c for c in text if c.isdigit())
    year, month, day = pairs(digits[-10:])
    return checksums.luhn(digits[-10:]) and is_day_of_any_century(year, month, day - 60 if day > 60 else day)


def _no_fodselsnummer(text: str) -> bool:
    """Folkeregisterforskriften, § 2-2: two check digits, modulus 11; D-numbers: 40 more on the day.

    H-numbers have 40 more on the month. The tax authority's made-up people have 80 more on the month.
    """
    first = checksums.weighted(text, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11
    second = checksums.weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11
    day, month, year = pairs(text)
    month -= 80 if month > 80 else 40 if month > 40 else 0
    return first == second == 0 and is_day_of_any_century(year, month, day - 40 if day > 40 else day)


def _dk_cpr(text: str) -> bool:
    """CPR-loven and the CPR office: a date with the century in the seventh digit. Since 2007 without modulus 11."""
    day, month, year = pairs(text)
    seventh = int(text[6])
    if seventh <= 3 or (seventh in (4, 9) and year >= 37):
        return is_day(1900 + year, month, day)
    return is_day(1800 + year if 5 <= seventh <= 8 and year >= 58 else 2000 + year, month, day)


def _fi_hetu(text: str) -> bool:
    """Finland's decree 128/2010 with the separators of 2023: date and number modulo 31 pick the check character."""
    text = text.upper()
    day, month, year = pairs(text)
    century = 1800 if text[6] == "+" else 1900 if text[6] in "-UVWXY" else 2000
    check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:6] + text[7:10]) % 31]
    return int(text[7:10]) >= 2 and check == text[10] and is_day(century + year, month, day)


def _ee_lt_code(text: str) -> bool:
    """EVS 585 (isikukood) and Lithuania's asmens kodas: weights from 1, then 3, modulus 11; 1 to 6 say the century."""
    check = checksums.weighted(text, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = checksums.weighted(text, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    year, month, day = pairs(text[1:])
    return check == int(text[10]) and is_day(1800 + (int(text[0]) - 1) // 2 * 100 + year, month, day)


_SE_WORDS = near("person(?:nummer|nr)", r"pers\.? ?nr", "samordnings(?:nummer|nr)", "födelsenummer", "pnr", *NATIONAL)
_NO_WORDS = near("fødsels(?:nummer|nr)", "fodsels(?:nummer|nr)", r"f\.? ?nr", "person(?:nummer|nr)", "d-nummer",
                 "birth number", *NATIONAL)  # fmt: skip
_DK_WORDS = near(
    "cpr(?:-?(?:nummer|nr|no))?", "person(?:nummer|nr)", "sundhedskort", "sygesikring(?:sbevis)?", *NATIONAL
)
_FI_WORDS = near("hetu", "henkilötunnus", "personbeteckning", "sotu", *NATIONAL)
_EE_LT_WORDS = near("isikukood", "asmens kodas", r"a\. ?k", "personal code", "isikukoodi", *NATIONAL)

_DAY = r"\d(?:0\d|1[0-2])[0-3]\d"

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "se_personnummer", PersonalKind.NATIONAL_ID,
        number(DIGIT, rf"{_DAY}[-+]\d{{4}}|(?<=1)[89]\d{_DAY}[-+]\d{{4}}|(?<=2)0\d{_DAY}[-+]\d{{4}}"),
        _se_personnummer, alone=0.9, in_context=0.98, context=_SE_WORDS, raw=True,
    ),
    Detector(
        "se_personnummer_bare", PersonalKind.NATIONAL_ID, number(DIGIT, r"(?:(?:(?<=1)9|(?<=2)0)\d)?\d{5}[-+ ]?\d{4}"),
        _se_number, in_context=0.97, context=_SE_WORDS, raw=True,
    ),
    Detector(
        "no_fodselsnummer", PersonalKind.NATIONAL_ID, number("[0-7]", r"\d{5}[ -]\d{5}", lone=True),
        _no_fodselsnummer, alone=0.9, in_context=0.98, context=_NO_WORDS,
    ),
    Detector(
        "no_fodselsnummer_bare", PersonalKind.NATIONAL_ID,
        number("[0-7]", r"\d{5} ?\d{5}|\d[ .]\d\d[ .]\d\d[ .-]\d{3} ?\d\d"),
        _no_fodselsnummer, in_context=0.98, context=_NO_WORDS,
    ),
    Detector(
        "dk_cpr", PersonalKind.NATIONAL_ID, number("[0-3]", r"\d[01]\d{3}[ -]?\d{4}"),
        _dk_cpr, in_context=0.97, context=_DK_WORDS,
    ),
    Detector(
        "fi_hetu", PersonalKind.NATIONAL_ID,
        number("[0-3]", r"\d[01]\d{3}[-+A-FU-Ya-fu-y]\d{3}[0-9A-FHJ-NPR-Ya-fhj-npr-y]"),
        _fi_hetu, alone=0.95, in_context=0.99, context=_FI_WORDS, raw=True,
    ),
    Detector(
        "ee_lt_personal_code", PersonalKind.NATIONAL_ID, number("[1-6]", r"\d{2}[01]\d[0-3]\d{5}"),
        _ee_lt_code, in_context=0.96, context=_EE_LT_WORDS,
    ),
)  # fmt: skip
