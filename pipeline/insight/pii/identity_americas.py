"""How the United States, Canada and Latin America number people and firms. Rules only, no list of numbers."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import DIGIT, GAP, NATIONAL, TAX, is_day_of_any_century, near, number, pairs
from pipeline.personal import PersonalKind


def _us_ssn(text: str) -> bool:
    """Social Security Administration, randomization of 2011: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    return text[:3] not in ("000", "666") and text[0] != "9" and text[3:5] != "00" and text[5:] != "0000"


def _us_itin(text: str) -> bool:
    """Internal Revenue Service, ITIN: 9xx with a group of 50 to 65, 70 to 88, 90 to 92 or 94 to 99."""
    group = int(text[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or group >= 94


def _us_ein(text: str) -> bool:
    """Internal Revenue Service, EIN: prefixes of its campuses."""
    return int(text[:2]) not in (0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97)


def _us_npi(text: str) -> bool:
    """Centers for Medicare & Medicaid Services, 45 CFR 162.406: Luhn's formula with 80840 in front."""
    return checksums.luhn("80840" + text)


def _us_medicare(text: str) -> bool:
    """Centers for Medicare & Medicaid Services, MBI format of 2017: letters but S, L, O, I, B and Z."""
    return not set(text) & set("SLOIBZ")


def _us_driving_licence(text: str) -> bool:
    """American Association of Motor Vehicle Administrators: no common rule but letters and digits; not all the same."""
    return len({c for c in text if c.isdigit()}) > 1


def _ca_sin(text: str) -> bool:
    """Service Canada, Social Insurance Number: Luhn's formula; none starts with 0 or 8."""
    return checksums.luhn(text)


def _mx_curp(text: str) -> bool:
    """DOF of 18 October 2021, CURP: name, date, sex, state, name, sequence; weights 18 to 2, modulus 10."""
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(alphabet.index(character) * (18 - place) for place, character in enumerate(text[:17]))
    year, month, day = pairs(text[4:])
    return -total % 10 == int(text[17]) and is_day_of_any_century(year, month, day)


def _mx_rfc(text: str) -> bool:
    """Servicio de Administración Tributaria, RFC: name, date, three more of which the last checks, modulus 11."""
    alphabet = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
    padded = text.rjust(13)  # a firm's has a letter less
    year, month, day = pairs(padded[4:])
    total = sum(alphabet.index(character) * (13 - place) for place, character in enumerate(padded[:12]))
    return is_day_of_any_century(year, month, day) and padded[12] == "0123456789A"[-total % 11]


def _br_check(text: str, weights: tuple[int, ...]) -> str:
    """A check digit of Brazil's Receita Federal: modulus 11, 0 where it would be above 9; letters since 2026."""
    rest = sum((ord(c) - 48) * weight for c, weight in zip(text, weights, strict=True)) % 11
    return "0" if rest < 2 else str(11 - rest)


def _br_cpf(text: str) -> bool:
    """Receita Federal, CPF: two check digits, weights 10 to 2 and 11 to 2; not all the same."""
    first, second = _br_check(text[:9], tuple(range(10, 1, -1))), _br_check(text[:10], tuple(range(11, 1, -1)))
    return len(set(text)) > 1 and text[9:] == first + second


def _br_cnpj(text: str) -> bool:
    """Receita Federal, Instrução Normativa 2.229/2024, CNPJ: two check digits, letters as ASCII less 48."""
    weights = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first, second = _br_check(text[:12], weights), _br_check(text[:13], (6, *weights))
    return len(set(text)) > 1 and text[12:] == first + second


def _ar_cuit(text: str) -> bool:
    """AFIP (ARCA), Resolución General 10/97, CUIT and CUIL: weights 5432765432, modulus 11; 10 is 9."""
    check = -checksums.weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return min(check, 9) == int(text[10])


def _cl_rut(text: str) -> bool:
    """Servicio de Impuestos Internos, RUT: weights 2 to 7 from the right, modulus 11; K is 10."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(text[:-1])))
    return text[-1] == "0123456789K0"[11 - total % 11]


def _co_nit(text: str) -> bool:
    """DIAN, Orden Administrativa 4 of 1989, NIT: primes from the right, modulus 11."""
    primes = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43)
    return text[-1] == "01987654321"[checksums.weighted(text[-2::-1], primes) % 11]


_SSN_WORDS = near(
    "ssns?", r"s\.s\.n\.?", r"soc(?:ial)?\.? sec(?:urity)?\.?", r"ss ?(?:#|no|number)", "tax(?:payer)? id", "tin"
)
_ITIN_WORDS = near("itin", "individual taxpayer", *TAX)
_EIN_WORDS = near("ein", "fein", "employer(?:['’]s)? id(?:entification)?", "federal (?:tax )?id", "irs", *TAX)
_NPI_WORDS = near("npi", "national provider", "provider (?:id|number|no)")
_MEDICARE_WORDS = near("mbi", "medicare", "beneficiary")
_LICENCE_WORDS = near(
    r"driv(?:er|ing)['’]?s?['’]?[ -]licen[cs]e", r"(?-i:DLN?)", r"d\.l\.", "operator['’]?s licen[cs]e", "dmv"
)
_SIN_WORDS = near(r"(?-i:SIN)", "social insurance(?: number)?", r"(?-i:NAS)", "assurance sociale")
_CURP_WORDS = near("curp", "clave única", *NATIONAL)
_RFC_WORDS = near("rfc", r"r\.f\.c\.?", "registro federal", "contribuyentes?", *TAX)
_CPF_WORDS = near("cpf(?:/mf)?", r"c\.p\.f\.?", "cadastro de pessoas? físicas?", "contribuinte", *TAX)
_CNPJ_WORDS = near("cnpj(?:/mf)?", r"c\.n\.p\.j\.?", "cadastro nacional", "inscrita?", *TAX)
_CUIT_WORDS = near("cui[tl]", r"c\.u\.i\.[tl]\.?", "afip", "(?-i:ARCA)", "clave única", *TAX)
_AR_DNI_WORDS = near("dni", r"d\.n\.i\.?", "documento (?:nacional|de identidad)", "libreta cívica")
_RUT_WORDS = near("ru[tn]", r"r\.u\.[tn]\.?", "rol único", "cédula", *NATIONAL, *TAX)
_NIT_WORDS = near("(?-i:NIT)", r"n\.i\.t\.?", "dian", "identificación tributaria", "rut", *TAX)

_MBI = "[AC-HJKMNP-RT-Y]"
_MX_DATE = r"\d\d(?:0[1-9]|1[0-2])[0-3]\d"
_MX_STATE = "(?:AS|B[CS]|C[CLMSH]|D[FG]|G[TR]|HG|JC|M[CNS]|N[ELT]|OC|PL|Q[TR]|S[PLR]|T[CSL]|VZ|YN|ZS)"
# After the first character: seven to nine digits; one to three letters and digits; groups as Florida, Illinois,
# New Jersey and New York print them.
_LICENCE_GROUPS = r"\d{3}-\d{3}-\d{2}-\d{3}-\d|\d{3}-\d{4}-\d{4}|\d{4} \d{5} \d{5}"
_LICENCE = rf"(?<=\d)(?:\d{{6,8}}|\d{{2}} \d{{3}} \d{{3}})|(?<=[A-Z])(?:[A-Z]{{0,2}}\d{{5,14}}|{_LICENCE_GROUPS})"

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "us_ssn", PersonalKind.NATIONAL_ID, number("[0-8]", r"\d\d-\d\d-\d{4}"),
        _us_ssn, alone=0.85, in_context=0.98, context=_SSN_WORDS, needs="-",
    ),
    Detector(
        "us_ssn_bare", PersonalKind.NATIONAL_ID, number("[0-8]", r"\d\d ?\d\d ?\d{4}"),
        _us_ssn, in_context=0.95, context=_SSN_WORDS,
    ),
    Detector(
        "us_itin", PersonalKind.TAX_ID, number("9", r"\d\d-\d\d-\d{4}"),
        _us_itin, alone=0.85, in_context=0.98, context=_ITIN_WORDS, needs="-",
    ),
    Detector(
        "us_itin_bare", PersonalKind.TAX_ID, number("9", r"\d\d ?\d\d ?\d{4}"),
        _us_itin, in_context=0.95, context=_ITIN_WORDS,
    ),
    Detector("us_ein", PersonalKind.TAX_ID, number(DIGIT, r"\d-?\d{7}"), _us_ein, in_context=0.95, context=_EIN_WORDS),
    Detector(
        "us_npi", PersonalKind.HEALTH_INSURANCE, number("[12]", r"\d{9}"),
        _us_npi, in_context=0.97, context=_NPI_WORDS,
    ),
    Detector(
        "us_medicare", PersonalKind.HEALTH_INSURANCE,
        number("[1-9]", rf"{_MBI}[0-9A-Z]\d-?{_MBI}[0-9A-Z]\d-?{_MBI}{{2}}\d\d"),
        _us_medicare, alone=0.85, in_context=0.98, context=_MEDICARE_WORDS,
    ),
    Detector(
        "us_passport", PersonalKind.PASSPORT, number("[A-Z0-9]", r"\d{8}"),
        in_context=0.9, context=near("passport"),
    ),
    Detector(
        "us_driving_licence", PersonalKind.DRIVING_LICENCE, number("[A-Z0-9]", _LICENCE),
        _us_driving_licence, in_context=0.85, context=_LICENCE_WORDS,
    ),
    Detector(
        "ca_sin", PersonalKind.NATIONAL_ID, number("[1-79]", r"\d\d[ -]?\d{3}[ -]?\d{3}"),
        _ca_sin, in_context=0.97, context=_SIN_WORDS,
    ),
    Detector(
        "mx_curp", PersonalKind.NATIONAL_ID,
        number(
            "[A-Za-z]",
            rf"(?i:[AEIOUX][A-Z]{{2}}{GAP}{_MX_DATE}{GAP}[HMX]{_MX_STATE}[B-DF-HJ-NP-TV-Z]{{3}}{GAP}[0-9A-Z]\d)",
        ),
        _mx_curp, alone=0.98, in_context=0.99, context=_CURP_WORDS,
    ),
    Detector(
        "mx_rfc", PersonalKind.TAX_ID,
        number("[A-Za-z&Ññ]", rf"[A-Za-z&Ññ]{{2,3}}[ -]?{_MX_DATE}[ -]?[1-9A-Va-v][1-9A-Za-z][0-9Aa]"),
        _mx_rfc, alone=0.9, in_context=0.98, context=_RFC_WORDS,
    ),
    Detector(
        "br_cpf", PersonalKind.TAX_ID, number(DIGIT, r"\d\d\.\d{3}\.\d{3}-\d\d"),
        _br_cpf, alone=0.9, in_context=0.99, context=_CPF_WORDS, needs="-",
    ),
    Detector(
        "br_cpf_bare", PersonalKind.TAX_ID, number(DIGIT, r"\d\d[ .]?\d{3}[ .]?\d{3}[ .-]?\d\d"),
        _br_cpf, in_context=0.98, context=_CPF_WORDS,
    ),
    Detector(
        "br_cnpj", PersonalKind.TAX_ID, number("[0-9A-Z]", r"[0-9A-Z]\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d\d"),
        _br_cnpj, alone=0.9, in_context=0.99, context=_CNPJ_WORDS, needs="-",
    ),
    Detector(
        "br_cnpj_bare", PersonalKind.TAX_ID, number("[0-9A-Z]", r"[0-9A-Z]{11}\d\d"),
        _br_cnpj, in_context=0.98, context=_CNPJ_WORDS,
    ),
    Detector(
        "ar_cuit", PersonalKind.TAX_ID, number("[235]", r"(?:(?<=2)[0347]|(?<=3)[034]|(?<=5)[015])[ -]?\d{8}[ -]?\d"),
        _ar_cuit, in_context=0.98, context=_CUIT_WORDS,
    ),
    Detector(
        "ar_dni", PersonalKind.NATIONAL_ID, number("[1-9]", r"\d?\.\d{3}\.\d{3}|\d{6,7}"),
        in_context=0.9, context=_AR_DNI_WORDS,
    ),
    Detector(
        "cl_rut", PersonalKind.TAX_ID, number("[1-9]", r"\d?\.\d{3}\.\d{3}-[0-9Kk]"),
        _cl_rut, alone=0.85, in_context=0.98, context=_RUT_WORDS, needs="-",
    ),
    Detector(
        "cl_rut_bare", PersonalKind.TAX_ID, number("[1-9]", r"\d?\.?\d{3}\.?\d{3} ?-?[0-9Kk]"),
        _cl_rut, in_context=0.97, context=_RUT_WORDS,
    ),
    Detector(
        "co_nit", PersonalKind.TAX_ID, number("[1-9]", r"\d{7,8}[ -]\d|\d{8,9}|\d{0,2}[.,]\d{3}[.,]\d{3} ?- ?\d"),
        _co_nit, in_context=0.96, context=_NIT_WORDS,
    ),
)  # fmt: skip
