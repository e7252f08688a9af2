"""How Britain, Ireland, France, Belgium and the Netherlands number people. Rules only, no list of numbers."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import DIGIT, GAP, LETTER, NATIONAL, TAX, is_day, near, number
from pipeline.personal import PersonalKind


def _uk_nino(text: str) -> bool:
    """HM Revenue & Customs, National Insurance Manual NIM39110: prefixes that are not given out."""
    is_prefix = text[0] not in "DFIQUV" and text[1] not in "DFIOQUV"
    return is_prefix and text[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def _uk_nhs(text: str) -> bool:
    """NHS Data Dictionary, NHS NUMBER: weights 10 to 2, modulus 11; 10 is no check digit."""
    return checksums.weighted(text, (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0 and len(set(text)) > 1


def _uk_utr(text: str) -> bool:
    """HM Revenue & Customs, Unique Taxpayer Reference: the check digit stands first."""
    return text[0] == "21987654321"[checksums.weighted(text[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11]


def _uk_driving_licence(text: str) -> bool:
    """DVLA, driver number: surname, decade, month (50 more for women), day, year; nines fill what is short."""
    month, day, year = int(text[6:8]) % 50, int(text[8:10]), int(text[5] + text[10])
    is_name = text[:5].rstrip("9").isalpha() and text[11:13].rstrip("9").isalpha() | (text[11:13] == "99")
    return is_name and text[6] in "0156" and (is_day(1900 + year, month, day) or is_day(2000 + year, month, day))


def _ie_pps(text: str) -> bool:
    """Social Welfare Consolidation Act 2005, schedule; weights 8 to 2, the second letter 9 times, modulus 23."""
    second = text[8:]
    extra = 0 if second in ("", "W", "T", "X") else ord(second) - 64
    return text[7] == "WABCDEFGHIJKLMNOPQRSTUV"[(checksums.weighted(text[:7], (8, 7, 6, 5, 4, 3, 2)) + 9 * extra) % 23]


def _fr_nir(text: str) -> bool:
    """INSEE, décret 82-103: sex, year, month (also 20 to 42 and above 50: unknown), place, order; key 97 - n mod 97."""
    month, order = int(text[3:5]), int(text[10:13])
    place = text[5:7].replace("2A", "19").replace("2B", "18")  # Corsica
    is_month = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return is_month and order > 0 and place != "00" and 97 - int(text[:5] + place + text[7:13]) % 97 == int(text[13:])


def _fr_spi(text: str) -> bool:
    """DGFiP, numéro fiscal de référence (simplification des procédures d'imposition): the first ten modulo 511."""
    return int(text[:10]) % 511 == int(text[10:])


def _be_national_number(text: str) -> bool:
    """Arrêté royal of 3 April 1984: 97 - n mod 97, with a 2 in front from the year 2000 on; BIS: month and 20 or 40.

    Nobody is looked for who is born after 2049.
    """
    year, month, day, serial, key = int(text[:2]), int(text[2:4]), int(text[4:6]), int(text[6:9]), int(text[9:])
    possible = ((1900, ""), (2000, "2")) if year < 50 else ((1900, ""),)
    centuries = [century for century, lead in possible if 97 - int(lead + text[:9]) % 97 == key]
    month -= 40 if month >= 40 else 20 if month >= 20 else 0
    is_unknown = month == 0 or day == 0  # not known when the number was given
    is_date = any(is_day(century + year, month, day) for century in centuries)
    return bool(centuries) and 1 <= serial <= 998 and (is_date or (is_unknown and month <= 12 and day <= 31))


def _nl_bsn(text: str) -> bool:
    """Besluit burgerservicenummer, the eleven test: weights 9 to 2 and -1, modulus 11; a zero in front of eight."""
    digits = text.zfill(9)
    return int(digits) > 0 and checksums.weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


_NINO_WORDS = near("nino", r"n\.?i\.?(?: number| no)", r"national insurance", r"ni\W{0,3}(?:number|no)", *NATIONAL)
_NHS_WORDS = near("nhs", "national health(?: service)?", "health (?:number|no)", "patient", "chi")
_UTR_WORDS = near("utr", "unique taxpayer(?: reference)?", "self[ -]assessment", "corporation tax", "hmrc", *TAX)
_LICENCE_WORDS = near(r"driv(?:ing|er)['’]?s?[ -]licen[cs]e", r"driver (?:number|no)", "dvla", "dvani", "licen[cs]e")
_PPS_WORDS = near(
    "ppsn?", r"p\.p\.s\.?(?:n\.?)?", "personal public service", "uimhir psp", "psp", "rsi", *NATIONAL, *TAX
)
_NIR_WORDS = near(
    "sécurité sociale", "securite sociale", "sécu", "nir", "insee", "n° ?ss", "assuré", "vitale", *NATIONAL
)
_SPI_WORDS = near("spi", "num[ée]ro fiscal", "fiscal", "n° fiscal", "avis d['’]imp[oô]t", "imp[oô]ts?", "nif", *TAX)
_BE_WORDS = near("rijksregister(?:nummer|nr)?", "registre national", "numéro national", "nationaal nummer", "niss",
                 "insz", "rrn?", "nrn", "nationalregister(?:nummer)?",
                 "bis[ -]?(?:nummer|number)", *NATIONAL)  # fmt: skip
_BSN_WORDS = near("bsn", "burgerservice(?:nummer|nr)?", "sofi-?(?:nummer|nr)?", "citizen service", "persoonsnummer",
                  "identificatienummer", *NATIONAL, *TAX)  # fmt: skip

_NINO = "[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z]"

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "uk_nino", PersonalKind.NATIONAL_ID, number(_NINO, rf"{LETTER}[ -]?\d\d[ -]?\d\d[ -]?\d\d(?:[ -]?[A-Da-d])?"),
        _uk_nino, in_context=0.97, context=_NINO_WORDS,
    ),
    Detector(
        "uk_nino_spaced", PersonalKind.NATIONAL_ID, number(_NINO, r"[A-Z] \d\d \d\d \d\d [A-D]"),
        _uk_nino, alone=0.9, in_context=0.97, context=_NINO_WORDS,
    ),
    Detector(
        "uk_nhs", PersonalKind.HEALTH_INSURANCE, number(DIGIT, r"\d\d[ -]?\d{3}[ -]?\d{4}"),
        _uk_nhs, in_context=0.95, context=_NHS_WORDS,
    ),
    Detector(
        "uk_utr", PersonalKind.TAX_ID, number(DIGIT, r"\d{4} ?\d{5}|\d ?\d{4} ?\d{4}"),
        _uk_utr, in_context=0.95, context=_UTR_WORDS,
    ),
    Detector(
        "uk_passport", PersonalKind.PASSPORT, number(DIGIT, r"\d{8}|\d\d \d{3} \d{3}"),
        in_context=0.9, context=near("passport", "hmpo"),
    ),
    Detector(
        "uk_driving_licence", PersonalKind.DRIVING_LICENCE,
        number(LETTER, r"[A-Za-z9]{4} ?\d{6} ?[A-Za-z9]{2}[A-Za-z0-9] ?[A-Za-z]{2}(?: ?\d\d)?"),
        _uk_driving_licence, alone=0.9, in_context=0.98, context=_LICENCE_WORDS,
    ),
    Detector(
        "ie_pps", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{6} ?[A-Wa-w][ /]?[A-HWTXa-hwtx]?"),
        _ie_pps, in_context=0.97, context=_PPS_WORDS,
    ),
    Detector(
        "fr_nir", PersonalKind.NATIONAL_ID,
        number(
            "[1-478]",
            rf"{GAP}\d\d{GAP}\d\d{GAP}(?:\d\d|2[ABab]){GAP}\d{{3}}{GAP}\d{{3}}{GAP}[-/]?{GAP}\d\d",
            lone=True,
        ),
        _fr_nir, alone=0.9, in_context=0.98, context=_NIR_WORDS,
    ),
    Detector(
        "fr_spi", PersonalKind.TAX_ID, number("[0-3]", r"\d ?\d\d ?\d{3} ?\d{3} ?\d{3}|\d{3} ?\d{3} ?\d{3} ?\d{3}"),
        _fr_spi, in_context=0.97, context=_SPI_WORDS,
    ),
    Detector(
        "be_national_number", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d\.\d\d\.\d\d-\d{3}[.-]\d\d"),
        _be_national_number, alone=0.95, in_context=0.98, context=_BE_WORDS,
    ),
    Detector(
        "be_national_number_bare", PersonalKind.NATIONAL_ID,
        number(DIGIT, r"\d[ .-]?\d\d[ .-]?\d\d[ .-]{0,2}\d{3}[ .-]?\d\d"),
        _be_national_number, in_context=0.97, context=_BE_WORDS,
    ),
    Detector(
        "nl_bsn", PersonalKind.NATIONAL_ID,
        number(DIGIT, r"\d{7,8}|\d{3}[ .-]\d\d[ .-]\d{3}|\d{2,3}[ .]\d{3}[ .]\d{3}"),
        _nl_bsn, in_context=0.96, context=_BSN_WORDS,
    ),
    Detector(
        "nl_bsn_dotted", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{3}\.\d\d\.\d{3}"),
        _nl_bsn, alone=0.8, in_context=0.97, context=_BSN_WORDS,
    ),
)  # fmt: skip
