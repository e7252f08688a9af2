"""How Asia, Israel included, Australia and New Zealand number people. Rules only, no list of numbers."""

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import DIGIT, GAP, NATIONAL, TAX, is_day, near, number, pairs
from pipeline.personal import PersonalKind


def _in_aadhaar(text: str) -> bool:
    """UIDAI, UID Numbering Scheme (2010): Verhoeff's formula; no 0 or 1 in front, no palindrome."""
    return text != text[::-1] and checksums.verhoeff(text)


def _in_pan(text: str) -> bool:
    """Income Tax Department, Rule 114: three letters, the kind of holder, initial, number from 0001, letter."""
    return text[3] in "ABCFGHJKLPT" and text[5:9] != "0000"


def _in_voter_id(text: str) -> bool:
    """Election Commission of India, EPIC: three letters and seven digits under Luhn's formula."""
    return checksums.luhn(text[3:])


def _au_tfn(text: str) -> bool:
    """Australian Taxation Office, tax file number: weights 1 4 3 7 5 8 6 9 10, modulus 11; older ones have 8 digits."""
    return int(text) > 0 and checksums.weighted(text, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def _au_medicare(text: str) -> bool:
    """Services Australia, Medicare card: weights 1 3 7 9, the ninth digit checks, the tenth is the issue."""
    return checksums.weighted(text, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(text[8]) and text[9] != "0"


def _au_abn(text: str) -> bool:
    """Australian Business Register, ABN: 1 less in front, weights 10 1 3 5 to 19, modulus 89; from 11 on."""
    return text[:2] != "10" and (checksums.weighted(text, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10) % 89 == 0


def _nz_ird(text: str) -> bool:
    """Inland Revenue, Resident withholding tax specification: two rows of weights, modulus 11; 10 to 150 million."""
    digits = text.zfill(9)
    check = -checksums.weighted(digits, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if check == 10:
        check = -checksums.weighted(digits, (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return 10_000_000 < int(digits) < 150_000_000 and check == int(digits[8])


def _sg_nric(text: str) -> bool:
    """Immigration & Checkpoints Authority, NRIC and FIN: weights 2765432, modulus 11; T and G 4 more, M 3 more."""
    more = {"T": 4, "G": 4, "M": 3}.get(text[0], 0)
    rest = (checksums.weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + more) % 11
    letters = "JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK" if text[0] in "FG" else "XWUTRQPNJLK"
    return text[8] == letters[rest]


def _cn_resident_id(text: str) -> bool:
    """GB 11643-1999: place (GB/T 2260), day of birth, serial, ISO 7064 MOD 11-2."""
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    return 1850 <= year < 2100 and is_day(year, month, day) and checksums.mod_11_2(text)


def _hk_hkid(text: str) -> bool:
    """Registration of Persons Ordinance, HKID: weights 9 to 1, modulus 11; one letter: 36 in front; A is 10."""
    plain = text.translate({ord("("): None, ord(")"): None})
    values = [int(character, 36) for character in plain]
    values = values if len(values) == 9 else [36, *values]
    return sum(value * (9 - place) for place, value in enumerate(values)) % 11 == 0


def _kr_rrn(text: str) -> bool:
    """Resident Registration Act: date, century and sex, weights 2 to 9 and 2 to 5, modulus 11."""
    year, month, day = pairs(text)
    century = 1900 if text[6] in "1256" else 2000 if text[6] in "3478" else 1800
    check = (11 - checksums.weighted(text, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
    return int(text[7:9]) <= 96 and check == int(text[12]) and is_day(century + year, month, day)


def _jp_my_number(text: str) -> bool:
    """Order 85 of 2014 of the Ministry of Internal Affairs, My Number: weights 6 5 4 3 2 7 6 5 4 3 2, modulus 11."""
    check = -checksums.weighted(text, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11 % 10
    return len(set(text)) > 1 and check == int(text[11])


def _th_id(text: str) -> bool:
    """Department of Provincial Administration: weights 13 to 2, modulus 11."""
    return (11 - checksums.weighted(text, (13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11) % 10 == int(text[12])


def _il_id(text: str) -> bool:
    """Population Registry, mispar zehut: Luhn's formula over nine digits."""
    return int(text) > 0 and checksums.luhn(text)


_AADHAAR_WORDS = near("aadh?aa?r", "uidai", "uid", anywhere="आधार")
_PAN_WORDS = near("pan(?: card| no| number)?", "permanent account", "income tax", *TAX)
_VOTER_WORDS = near("voter(?:['’]s)?(?: id| identity)?", "epic", "election", "electoral")
_TFN_WORDS = near("tfn", "tax file")
_MEDICARE_WORDS = near("medicare", "irn")
_ABN_WORDS = near("abn", "australian business", "gst")
_IRD_WORDS = near("ird", "inland revenue", "gst", *TAX)
_NRIC_WORDS = near("nric", "(?-i:FIN)", "singpass", *NATIONAL)
_CN_WORDS = near(
    "resident id", "id card", "shenfenzheng", *NATIONAL, anywhere="身份证|身份證|身份号|身分證|公民身份|证件号|證件號"
)
_HKID_WORDS = near("hkid", "hong kong (?:id|identity)", *NATIONAL, anywhere="身份證|身份证")
_RRN_WORDS = near("rrn", "resident registration", *NATIONAL, anywhere="주민등록|주민번호|외국인등록")
_MY_NUMBER_WORDS = near("my ?number", "individual number", anywhere="マイナンバー|個人番号")
_TH_WORDS = near("thai id", "id card", *NATIONAL, anywhere="บัตรประชาชน|ประจำตัวประชาชน|เลขประจำตัว|บัตรประจำตัว")
_IL_WORDS = near("teudat zehut", r"t\.?z\.?", "israeli id", *NATIONAL, anywhere="ת[.\"״'׳]{0,2}ז|תעודת זהות|מספר זהות")

# GB/T 2260: the second digit of a province, by the first.
_CN_PROVINCE = "(?:(?<=1)[1-5]|(?<=2)[1-3]|(?<=3)[1-7]|(?<=4)[1-6]|(?<=5)[0-4]|(?<=6)[1-5]|(?<=7)1|(?<=8)[1-3]|(?<=9)1)"

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "in_aadhaar", PersonalKind.NATIONAL_ID,
        number("[2-9]", r"\d{3} \d{4} \d{4}(?! \d)|\d{3}-\d{4}-\d{4}", lone=True),
        _in_aadhaar, alone=0.8, in_context=0.98, context=_AADHAAR_WORDS,
    ),
    Detector(
        "in_aadhaar_bare", PersonalKind.NATIONAL_ID, number("[2-9]", r"\d{3}[ -]?\d{4}[ -]?\d{4}"),
        _in_aadhaar, in_context=0.97, context=_AADHAAR_WORDS,
    ),
    Detector(
        "in_pan", PersonalKind.TAX_ID, number("[A-Z]", r"[A-Z]{2}[ABCFGHJKLPT][A-Z]\d{4}[A-Z]"),
        _in_pan, alone=0.75, in_context=0.98, context=_PAN_WORDS,
    ),
    Detector(
        "in_voter_id", PersonalKind.NATIONAL_ID, number("[A-Z]", r"[A-Z]{2}[ /-]?\d{7}"),
        _in_voter_id, in_context=0.97, context=_VOTER_WORDS,
    ),
    Detector(
        "au_tfn", PersonalKind.TAX_ID, number(DIGIT, r"\d\d[ -]?\d{3}[ -]?\d{2,3}"),
        _au_tfn, in_context=0.97, context=_TFN_WORDS,
    ),
    Detector(
        "au_medicare", PersonalKind.HEALTH_INSURANCE, number("[2-6]", r"\d{3}[ -]?\d{5}[ -]?\d(?:[ /-]{0,3}[1-9])?"),
        _au_medicare, in_context=0.96, context=_MEDICARE_WORDS,
    ),
    Detector(
        "au_abn", PersonalKind.TAX_ID, number("[1-9]", r"\d[ -]?\d{3}[ -]?\d{3}[ -]?\d{3}"),
        _au_abn, in_context=0.97, context=_ABN_WORDS,
    ),
    Detector(
        "nz_ird", PersonalKind.TAX_ID, number(DIGIT, r"\d{1,2}[ -]?\d{3}[ -]?\d{3}"),
        _nz_ird, in_context=0.96, context=_IRD_WORDS,
    ),
    Detector(
        "sg_nric", PersonalKind.NATIONAL_ID, number("[STFGMstfgm]", r"\d{7}[A-Za-z]"),
        _sg_nric, alone=0.75, in_context=0.98, context=_NRIC_WORDS,
    ),
    Detector(
        "cn_resident_id", PersonalKind.NATIONAL_ID,
        number("[1-9]", rf"{_CN_PROVINCE}\d{{4}}{GAP}\d{{8}}{GAP}\d{{3}}[0-9Xx]", lone=True),
        _cn_resident_id, alone=0.95, in_context=0.99, context=_CN_WORDS,
    ),
    Detector(
        "hk_hkid", PersonalKind.NATIONAL_ID, number("[A-Za-z]", r"[A-Za-z]?\d{6} ?\([0-9Aa]\)"),
        _hk_hkid, alone=0.85, in_context=0.98, context=_HKID_WORDS,
    ),
    Detector(
        "hk_hkid_bare", PersonalKind.NATIONAL_ID, number("[A-Za-z]", r"[A-Za-z]? ?\d{6}[ -]?[0-9Aa]"),
        _hk_hkid, in_context=0.96, context=_HKID_WORDS,
    ),
    Detector(
        "kr_rrn", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d[01]\d[0-3]\d ?- ?\d{7}"),
        _kr_rrn, alone=0.9, in_context=0.98, context=_RRN_WORDS, needs="-",
    ),
    Detector(
        "kr_rrn_bare", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d[01]\d[0-3]\d ?\d{7}"),
        _kr_rrn, in_context=0.97, context=_RRN_WORDS,
    ),
    Detector(
        "jp_my_number", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{3}[ -]?\d{4}[ -]?\d{4}"),
        _jp_my_number, in_context=0.97, context=_MY_NUMBER_WORDS,
    ),
    Detector(
        "th_id", PersonalKind.NATIONAL_ID, number("[1-8]", r"-\d{4}-\d{5}-\d\d-\d"),
        _th_id, alone=0.9, in_context=0.98, context=_TH_WORDS, needs="-",
    ),
    Detector(
        "th_id_bare", PersonalKind.NATIONAL_ID, number("[1-8]", r"[ -]?\d{4}[ -]?\d{5}[ -]?\d\d[ -]?\d"),
        _th_id, in_context=0.97, context=_TH_WORDS,
    ),
    Detector(
        "il_id", PersonalKind.NATIONAL_ID, number(DIGIT, r"\d{8}|\d{7}-\d"),
        _il_id, in_context=0.96, context=_IL_WORDS,
    ),
)  # fmt: skip
