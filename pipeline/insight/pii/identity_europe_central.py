"""How Germany, Austria and Switzerland number people. Rules only, no list of numbers."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import DIGIT, GAP, LETTER, NATIONAL, TAX, is_day_of_any_century, near, number
from pipeline.personal import PersonalKind


def _de_tax_id(text: str) -> bool:
    """Steueridentifikationsnummerverordnung, § 1: of ten digits one stands twice, or thrice but not in a row."""
    first = text[:10]
    repeated = [digit for digit in set(first) if first.count(digit) > 1]
    if len(repeated) != 1 or first.count(repeated[0]) > 3 or repeated[0] * 3 in first:
        return False
    return checksums.mod_11_10(text)


def _letter_as_digits(letter: str) -> str:
    """The place of a letter in the alphabet, as two digits."""
    return f"{ord(letter) - 64:02d}"


def _cross_sum(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of the cross sums of products."""
    return sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, weights, strict=True))


def _de_social_security(text: str) -> bool:
    """Versicherungsnummern-Verordnung (VKVV), § 2: area, birth date, letter, serial, check digit; 50 more on a day."""
    day, month, year = int(text[2:4]), int(text[4:6]), int(text[6:8])
    digits = text[:8] + _letter_as_digits(text[8]) + text[9:11]
    is_area = 2 <= int(text[:2]) <= 89
    is_date = is_day_of_any_century(year, month, day - 50 if day > 50 else day)
    return is_area and is_date and _cross_sum(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % 10 == int(text[11])


def _de_health_insurance(text: str) -> bool:
    """SGB V, § 290, Krankenversichertennummer: weights 1 and 2 in turn, cross sums; the letter as two digits."""
    digits = _letter_as_digits(text[0]) + text[1:9]
    return _cross_sum(digits, (1, 2) * 5) % 10 == int(text[9])


def _de_document(text: str) -> bool:
    """Personalausweisverordnung and Passverordnung: nine characters; where a tenth follows, ICAO 9303's check digit."""
    return any(c.isdigit() for c in text) and (len(text) == 9 or checksums.icao_9303(text[:10]))


def _de_driving_licence(text: str) -> bool:
    """Fahrerlaubnis-Verordnung, Anlage 8: weights 9 to 1 over nine characters, modulus 11, X is 10; then the issue."""
    total = sum(int(character, 36) * (9 - place) for place, character in enumerate(text[:9]))
    return text[9] == "0123456789X"[total % 11]


def _at_social_security(text: str) -> bool:
    """ASVG, § 460d, Sozialversicherungsnummer: weights 3 7 9 and 5 8 4 2 1 6, modulus 11; months up to 15 exist."""
    check = checksums.weighted(text, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11
    day, month, year = int(text[4:6]), int(text[6:8]), int(text[8:10])
    is_date = is_day_of_any_century(year, month, day) or (13 <= month <= 15 and 1 <= day <= 31)
    return text[0] != "0" and is_date and check == int(text[3])


def _at_tax_number(text: str) -> bool:
    """Bundesministerium für Finanzen, Abgabenkontonummer: Luhn's formula over office and number."""
    return checksums.luhn(text)


_TAX_ID_WORDS = near("steuer-?(?:id|identifikations?(?:nummer|nr)?)", "id-?nr", "identifikationsnummer",
                     "steuernummer", "german tax", *TAX)  # fmt: skip
_TAX_NUMBER_WORDS = near("steuer-?(?:nummer|nr)", r"st\.? ?-?nr", "finanzamt", "german tax number", *TAX)
_SOCIAL_WORDS = near("sozialversicherungs?-?(?:nummer|nr|ausweis)", "rentenversicherungs?-?(?:nummer|nr)?",
                     r"sv-?(?:nummer|nr)", r"rv-?(?:nummer|nr)", "svnr", "rvnr", "vsnr",
                     "versicherungsnummer", *NATIONAL)  # fmt: skip
_CARD_WORDS = near("(?:personal)?ausweis(?:es|nummer|nr)?", "personalausweis-?(?:nummer|nr)", "identity card",
                   "id card", "german id", "perso")  # fmt: skip
_PASSPORT_WORDS = near("(?:reise|dienst|kinder)pass(?:es)?-?(?:nummer|nr)?", "pass-?(?:nummer|nr)", "passport")
_HEALTH_WORDS = near("kvnr", "kv-?(?:nummer|nr)", r"(?:kranken)?versicherten-?(?:nummer|nr|karte|id)", "egk",
                     "krankenkasse", "krankenversicherung(?:snummer)?", "gesundheitskarte", "gkv", "health insurance",
                     "insurance (?:number|no|id)", "insured")  # fmt: skip
_LICENCE_WORDS = near("führerschein(?:nummer|nr|s)?", "fuehrerschein(?:nummer|nr)?", "fahrerlaubnis(?:nummer)?",
                      "driv(?:ing|er)['’]?s?[ -]licen[cs]e")  # fmt: skip
_AT_WORDS = near("sozialversicherungs?-?(?:nummer|nr)", r"sv-?(?:nummer|nr)", r"svnr\.?", "vsnr", "versicherungsnummer",
                 "e-card", "svn", *NATIONAL)  # fmt: skip
_AT_TAX_WORDS = near("steuernummer", r"st\.? ?-?nr", "abgabenkonto(?:nummer)?", "finanzamt")
_AHV_WORDS = near("ahv(?:-?(?:nummer|nr|n))?", "avs", "navs", "n° avs", "sozialversicherungsnummer", "ssn", *NATIONAL)

_DOCUMENT = r"[CFGHJ-NPRTV-Z0-9]{8}(?: ?\d)?"

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "de_tax_id", PersonalKind.TAX_ID, number("[1-9]", r"\d ?\d{3} ?\d{3} ?\d{3}|\d{2} ?\d{3} ?\d{3} ?\d\d"),
        _de_tax_id, in_context=0.97, context=_TAX_ID_WORDS,
    ),
    Detector(
        "de_tax_number", PersonalKind.TAX_ID,
        number(DIGIT, r"\d{1,2}[ /]\d{3,4}[ /]\d{4,5}|\d{4}[ /]\d{5}|\d{9,10}"),
        in_context=0.93, context=_TAX_NUMBER_WORDS,
    ),
    Detector(
        "de_tax_number_unified", PersonalKind.TAX_ID,
        number("[1-59]", r"(?:(?<=1)[01]|(?<=2)[1-46-8]|(?<=3)[0-2]|(?<=4)[01]|(?<=[59])\d)\d\d0\d{8}"),
        in_context=0.95, context=_TAX_NUMBER_WORDS,
    ),
    Detector(
        "de_social_security", PersonalKind.NATIONAL_ID,
        number(DIGIT, rf"\d{GAP}\d{{6}}{GAP}{LETTER}{GAP}\d{{2}}{GAP}\d|\d \d\d ?\d\d ?\d\d {LETTER} \d{{3}}"),
        _de_social_security, alone=0.9, in_context=0.98, context=_SOCIAL_WORDS,
    ),
    Detector(
        "de_health_insurance", PersonalKind.HEALTH_INSURANCE, number(LETTER, r" ?\d{3} ?\d{3} ?\d{3}"),
        _de_health_insurance, in_context=0.97, context=_HEALTH_WORDS,
    ),
    Detector(
        "de_identity_card", PersonalKind.NATIONAL_ID,
        number("[LMNPRTVWXY0-9]", rf"(?<=[A-Z]){_DOCUMENT}|(?<=\d)\d{{8}} ?\dD?"),
        _de_document, in_context=0.93, context=_CARD_WORDS,
    ),
    Detector(
        "de_passport", PersonalKind.PASSPORT, number("[CFGHJK]", _DOCUMENT),
        _de_document, in_context=0.95, context=_PASSPORT_WORDS,
    ),
    Detector(
        "de_driving_licence", PersonalKind.DRIVING_LICENCE, number("[A-Z]", r"\d\d[0-9A-Z]{6}[0-9X][0-9A-Z]"),
        _de_driving_licence, in_context=0.97, context=_LICENCE_WORDS,
    ),
    Detector(
        "at_social_security", PersonalKind.NATIONAL_ID, number("[1-9]", r"\d{3}[ /-]?\d\d[ .]?\d\d[ .]?\d\d"),
        _at_social_security, in_context=0.97, context=_AT_WORDS,
    ),
    Detector(
        "at_tax_number", PersonalKind.TAX_ID, number(DIGIT, r"\d[ -]?\d{3}/?\d{4}"),
        _at_tax_number, in_context=0.9, context=_AT_TAX_WORDS,
    ),
    Detector(
        "ch_ahv", PersonalKind.NATIONAL_ID, number("7", rf"56\.?{GAP}\d{{4}}\.?{GAP}\d{{4}}\.?{GAP}\d\d"),
        checksums.ean_13, alone=0.97, in_context=0.99, context=_AHV_WORDS,
    ),
)  # fmt: skip
