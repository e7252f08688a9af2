"""How Poland, Czechia, Slovakia, Romania, Bulgaria, Croatia and their neighbours number people. Rules only."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import (
    DIGIT,
    LETTER,
    NATIONAL,
    TAX,
    is_day,
    is_day_of_any_century,
    near,
    number,
    pairs,
)
from pipeline.personal import PersonalKind


def _pl_pesel(text: str) -> bool:
    """Ustawa o ewidencji ludności of 2010: weights 1 3 7 9; the month holds the century (80: 1800, 20: 2000 and on)."""
    year, month, day = pairs(text)
    century = (1900, 2000, 2100, 2200, 1800)[month // 20]
    check = checksums.weighted(text, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1))
    return check % 10 == 0 and is_day(century + year, month % 20, day)


def _pl_nip(text: str) -> bool:
    """Ustawa o zasadach ewidencji i identyfikacji podatników of 1995: weights 6 5 7 2 3 4 5 6 7, modulus 11."""
    return int(text) > 0 and checksums.weighted(text, (6, 5, 7, 2, 3, 4, 5, 6, 7, -1)) % 11 == 0


def _pl_identity_card(text: str) -> bool:
    """Ministry of the Interior, dowód osobisty: weights 7 3 1, the check digit fourth; A is 10."""
    values = [int(character, 36) for character in text]
    return sum(v * w for v, w in zip(values, (7, 3, 1, 9, 7, 3, 1, 7, 3), strict=True)) % 10 == 0


def _cz_sk_birth_number(text: str) -> bool:
    """Zákon 133/2000 Sb. and 301/1995 Z. z.: women 50 more on the month, 20 more where a day ran out; modulus 11.

    Nine digits, given until 1953, have no check.
    """
    year, month, day = pairs(text)
    month -= 50 if month > 50 else 0
    month -= 20 if month > 20 and len(text) == 10 else 0
    if len(text) == 9:
        return year <= 53 and text[6:] != "000" and is_day(1900 + year, month, day)
    is_date = is_day(1900 + year if year >= 54 else 2000 + year, month, day)
    return is_date and int(text[:9]) % 11 % 10 == int(text[9])


def _ro_cnp(text: str) -> bool:
    """Legea 105/1996 and HG 1375/2006: sex and century, date, county, serial; weights 279146358279, modulus 11."""
    year, month, day = pairs(text[1:])
    century = {"1": 1900, "2": 1900, "3": 1800, "4": 1800, "5": 2000, "6": 2000}.get(text[0])
    check = checksums.weighted(text, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    county = int(text[7:9])
    is_county = 1 <= county <= 48 or county in (51, 52, 70, 80, 81, 82, 83)
    is_date = is_day_of_any_century(year, month, day) if century is None else is_day(century + year, month, day)
    return is_date and is_county and (1 if check == 10 else check) == int(text[12])


def _bg_egn(text: str) -> bool:
    """Naredba RD-02-20-9 of 2012 on ESGRAON: 20 more on the month: 1800 and on, 40 more: 2000 and on; modulus 11."""
    year, month, day = pairs(text)
    century, month = (2000, month - 40) if month > 40 else (1800, month - 20) if month > 20 else (1900, month)
    check = checksums.weighted(text, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10
    return check == int(text[9]) and is_day(century + year, month, day)


def _jmbg(text: str) -> bool:
    """Yugoslavia's law of 1976, as Serbia, Slovenia, Bosnia, Montenegro and North Macedonia keep it: modulus 11."""
    check = -checksums.weighted(text, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    year = int(text[4:7]) + (1000 if text[4] in "89" else 2000)
    return check % 10 == int(text[12]) and is_day(year, int(text[2:4]), int(text[:2]))


_PESEL_WORDS = near("pesel", "numer identyfikacyjny", *NATIONAL)
_NIP_WORDS = near("nip", "numer identyfikacji podatkowej", "polish vat", *TAX)
_PL_CARD_WORDS = near("dow[óo]d(?:u)?(?: osobist(?:y|ego))?", "nr dowodu", "seria i numer", "identity card", "id card")
_RC_WORDS = near(
    "rodn(?:é|e|ého|eho) [čc][íi]s(?:lo|la)", r"r\. ?[čc]\.?", "r[čc]", "birth number", "naroz(?:en|ená|ený)", *NATIONAL
)
_CNP_WORDS = near("cnp", r"c\.n\.p\.?", "cod numeric(?: personal)?", *NATIONAL)
_EGN_WORDS = near("егн", r"[еe]\.? ?г\.? ?н\.?", "egn", "единен граждански номер", *NATIONAL)
_OIB_WORDS = near("oib", "osobni identifikacijski broj", *NATIONAL, *TAX)
_JMBG_WORDS = near("jmbg", "emšo", "emso", "embg", "јмбг", "ембг", "мб", "matični broj", *NATIONAL)

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "pl_pesel", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{10}"),
        _pl_pesel, in_context=0.98, context=_PESEL_WORDS,
    ),
    Detector(
        "pl_nip", PersonalKind.TAX_ID,
        number("[1-9]", r"\d{9}|\d\d[ -]\d{3}[ -]\d\d[ -]\d\d|\d\d[ -]\d\d[ -]\d\d[ -]\d{3}"),
        _pl_nip, in_context=0.97, context=_NIP_WORDS,
    ),
    Detector(
        "pl_identity_card", PersonalKind.NATIONAL_ID, number(LETTER, r"[A-Za-z]{2} ?\d{6}"),
        _pl_identity_card, in_context=0.97, context=_PL_CARD_WORDS,
    ),
    Detector(
        "cz_sk_birth_number", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{5} ?/? ?\d{3,4}"),
        _cz_sk_birth_number, in_context=0.97, context=_RC_WORDS,
    ),
    Detector(
        "ro_cnp", PersonalKind.NATIONAL_ID, number("[1-9]", r"\d{12}"),
        _ro_cnp, in_context=0.98, context=_CNP_WORDS,
    ),
    Detector("bg_egn", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{9}"), _bg_egn, in_context=0.97, context=_EGN_WORDS),
    Detector(
        "hr_oib", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{10}"),
        checksums.mod_11_10, in_context=0.97, context=_OIB_WORDS,
    ),
    Detector("jmbg", PersonalKind.NATIONAL_ID, number("[0-3]", r"\d{12}"), _jmbg, in_context=0.98, context=_JMBG_WORDS),
)  # fmt: skip
