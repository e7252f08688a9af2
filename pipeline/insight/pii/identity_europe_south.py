"""How Italy, Spain, Portugal, Greece and Turkey number people. Rules only, no list of numbers."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import (
    DIGIT,
    GAP,
    LETTER,
    NATIONAL,
    TAX,
    is_day_of_any_century,
    near,
    number,
    pairs,
)
from pipeline.personal import PersonalKind

# Decreto of 23 December 1976: what a character is worth at odd places, for 0 to 9 and for A to Z.
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_OMOCODIA = str.maketrans("LMNPQRSTUV", "0123456789")  # letters that tell people with the same code apart


def _it_codice_fiscale(text: str) -> bool:
    """Decreto ministeriale of 23 December 1976: name, year, month letter, day (women 40 more), town, check letter."""
    values = [int(c) if c.isdigit() else ord(c) - 65 for c in text[:15]]
    total = sum(_ODD[value] if place % 2 == 0 else value for place, value in enumerate(values))
    year, day = int(text[6:8].translate(_OMOCODIA)), int(text[9:11].translate(_OMOCODIA))
    month = "ABCDEHLMPRST".index(text[8]) + 1
    return chr(65 + total % 26) == text[15] and is_day_of_any_century(year, month, day - 40 if day > 40 else day)


def _it_partita_iva(text: str) -> bool:
    """DPR 633/1972 and Agenzia delle Entrate: Luhn's formula; the office of a province at places 8 to 10."""
    office = int(text[7:10])
    return int(text[:7]) > 0 and (1 <= office <= 100 or office in (120, 121, 888, 999)) and checksums.luhn(text)


def _es_letter(digits: str, letter: str) -> bool:
    """Real Decreto 1553/2005: the letter is of the number modulo 23."""
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == letter


def _es_dni(text: str) -> bool:
    """Real Decreto 1553/2005: DNI; K, L and M in front: people without one (Real Decreto 1065/2007)."""
    return _es_letter(text[:8].lstrip("KLM"), text[8])


def _es_nie(text: str) -> bool:
    """Real Decreto 557/2011, NIE: X, Y, Z in front are read as 0, 1, 2."""
    return _es_letter(str("XYZ".index(text[0])) + text[1:8], text[8])


def _es_cif(text: str) -> bool:
    """Orden EHA/451/2008: the form of a firm, Luhn's formula over seven digits; the check as digit or letter."""
    check = next(digit for digit in "0123456789" if checksums.luhn(text[1:8] + digit))
    return text[8] in (check, "JABCDEFGHI"[int(check)])


def _es_social_security(text: str) -> bool:
    """Tesorería General de la Seguridad Social: province and number modulo 97; a short number leaves its zeros out."""
    serial = int(text[2:10])
    value = int(text[:2]) * 10_000_000 + serial if serial < 10_000_000 else int(text[:10])
    return text[:2] != "00" and value % 97 == int(text[10:])


def _pt_nif(text: str) -> bool:
    """Decreto-Lei 14/2013: weights 9 to 2, modulus 11; the first digit says who it is of."""
    check = (11 - checksums.weighted(text[:8], (9, 8, 7, 6, 5, 4, 3, 2))) % 11 % 10
    return check == int(text[8])


def _pt_citizen_card(text: str) -> bool:
    """Lei 7/2007, cartão de cidadão: Luhn's formula, letters as 10 to 35."""
    total = 0
    for place, character in enumerate(reversed(text)):
        value = int(character, 36) * (1 + place % 2)
        total += value - 9 if place % 2 and value > 9 else value
    return total % 10 == 0


def _gr_afm(text: str) -> bool:
    """Ministry of Finance (AADE), AFM: powers of two, modulus 11, then 10."""
    return int(text) > 0 and checksums.weighted(text, (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == int(text[8])


def _gr_amka(text: str) -> bool:
    """Law 3655/2008, AMKA: date of birth, serial, Luhn's formula."""
    day, month, year = pairs(text)
    return checksums.luhn(text) and is_day_of_any_century(year, month, day)


def _tr_kimlik(text: str) -> bool:
    """Nüfus ve Vatandaşlık İşleri, T.C. kimlik numarası: digit 10 of odd and even places, digit 11 of all."""
    digits = [int(digit) for digit in text]
    tenth = (sum(digits[0:9:2]) * 7 - sum(digits[1:8:2])) % 10
    return tenth == digits[9] and sum(digits[:10]) % 10 == digits[10]


def _tr_tax_number(text: str) -> bool:
    """Gelir İdaresi Başkanlığı, vergi kimlik numarası: each digit plus its place, times a power of two."""
    total = 0
    for place, digit in enumerate(reversed(text[:9]), 1):
        moved = (int(digit) + place) % 10
        total += (moved * 2**place % 9 or 9) if moved else 0
    return -total % 10 == int(text[9])


_CF_WORDS = near("codice fiscale", r"cod\. ?fisc(?:ale)?", r"c\.? ?f\.?", "italian tax", *TAX)
_IVA_WORDS = near(r"partita iva", r"p\.? ?iva", r"p\. ?i\.?", "codice fiscale", "italian vat", "vat", *TAX)
_IT_CARD_WORDS = near("carta d['’] ?identità", "carta d['’] ?identita['’]?", "cie", "identity card", r"c\.i\.")
_DNI_WORDS = near("dni", r"d\.n\.i\.?", "nif", r"n\.i\.f\.?", "documento(?: nacional)?", "nie", *NATIONAL, *TAX)
_NIE_WORDS = near("nie", r"n\.i\.e\.?", "nif", "extranjer[oa]s?", *NATIONAL, *TAX)
_CIF_WORDS = near("cif", r"c\.i\.f\.?", "nif", r"n\.i\.f\.?", "identificación fiscal", "fiscal", *TAX)
_ES_SOCIAL_WORDS = near("seguridad social", "nuss", "naf", r"n\.? ?s\.? ?s\.?", "afiliación", *NATIONAL)
_NIF_WORDS = near("nif", r"n\.i\.f\.?", "nipc", "contribuinte", "número fiscal", "numero fiscal", *TAX)
_CC_WORDS = near("cart[ãa]o (?:de|do) cidad[ãa]o", "bilhete de identidade", r"b\.?i\.?", *NATIONAL)
_AFM_WORDS = near(r"[αa]\.?φ\.?[μm]\.?", "afm", "δου", "αριθμ[όο]ς φορολογικού μητρώου", *TAX)
_AMKA_WORDS = near("αμκα", r"[αa]\.?[μm]\.?[κk]\.?[αa]\.?", "amka", *NATIONAL)
_TR_WORDS = near(
    r"t\.?c\.? ?(?:kimlik|no)(?: ?(?:no|numarası|numarasi))?", "tckn", "kimlik(?: no)?", "t\\.c\\.", *NATIONAL
)
_TR_TAX_WORDS = near("vergi(?: kimlik)?(?: no| numarası| numarasi)?", "vkn", "vergi dairesi", *TAX)

_N = "[0-9LMNP-Vlmnp-v]"

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "it_codice_fiscale", PersonalKind.TAX_ID,
        number(
            LETTER,
            rf"{LETTER}{{2}}{GAP}{LETTER}{{3}}{GAP}{_N}{{2}}[A-EHLMPRSTa-ehlmprst]{_N}{{2}}{GAP}{LETTER}{_N}{{3}}{GAP}{LETTER}",
        ),
        _it_codice_fiscale, alone=0.98, in_context=0.99, context=_CF_WORDS,
    ),
    Detector(
        "it_partita_iva", PersonalKind.TAX_ID, number(DIGIT, r"\d{10}"),
        _it_partita_iva, in_context=0.97, context=_IVA_WORDS,
    ),
    Detector(
        "it_identity_card", PersonalKind.NATIONAL_ID, number("[A-Z]", r"[A-Z] ?(?:\d{5} ?[A-Z]{2}|\d{7})"),
        in_context=0.95, context=_IT_CARD_WORDS,
    ),
    Detector(
        "es_dni", PersonalKind.NATIONAL_ID,
        number("[0-9KLMklm]", r"(?:\d{7}|\d\.\d{3}\.\d{3}) ?-? ?[A-HJ-NP-TV-Za-hj-np-tv-z]"),
        _es_dni, in_context=0.98, context=_DNI_WORDS,
    ),
    Detector(
        "es_nie", PersonalKind.NATIONAL_ID, number("[XYZxyz]", r" ?-? ?\d{7} ?-? ?[A-HJ-NP-TV-Za-hj-np-tv-z]"),
        _es_nie, in_context=0.98, context=_NIE_WORDS,
    ),
    Detector(
        "es_cif", PersonalKind.TAX_ID, number("[A-HJNP-SUVWa-hjnp-suvw]", r" ?-? ?\d{7} ?-? ?[0-9A-Ja-j]"),
        _es_cif, in_context=0.97, context=_CIF_WORDS,
    ),
    Detector(
        "es_social_security", PersonalKind.NATIONAL_ID, number("[0-6]", r"\d[ /-]?\d{8}[ /-]?\d\d"),
        _es_social_security, in_context=0.97, context=_ES_SOCIAL_WORDS,
    ),
    Detector(
        "pt_nif", PersonalKind.TAX_ID, number("[1-9]", r"\d\d[ .]?\d{3}[ .]?\d{3}"),
        _pt_nif, in_context=0.96, context=_NIF_WORDS,
    ),
    Detector(
        "pt_citizen_card", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{7} ?-?\d ?[A-Za-z0-9]{2} ?\d"),
        _pt_citizen_card, in_context=0.97, context=_CC_WORDS,
    ),
    Detector("gr_afm", PersonalKind.TAX_ID, number(DIGIT, r"\d{8}"), _gr_afm, in_context=0.97, context=_AFM_WORDS),
    Detector(
        "gr_amka", PersonalKind.NATIONAL_ID, number("[0-3]", r"\d[01]\d{3} ?\d{5}"),
        _gr_amka, in_context=0.97, context=_AMKA_WORDS,
    ),
    Detector(
        "tr_kimlik", PersonalKind.NATIONAL_ID, number("[1-9]", r"\d\d ?\d{3} ?\d{3} ?\d\d"),
        _tr_kimlik, in_context=0.98, context=_TR_WORDS,
    ),
    Detector(
        "tr_tax_number", PersonalKind.TAX_ID, number(DIGIT, r"\d{2} ?\d{3} ?\d{4}"),
        _tr_tax_number, in_context=0.95, context=_TR_TAX_WORDS,
    ),
)  # fmt: skip
