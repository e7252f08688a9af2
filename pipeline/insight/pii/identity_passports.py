"""Passports of any country: numbers in context, and the lines that machines read, of passports and identity cards."""

import re

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector
from pipeline.insight.pii.identity_rules import near, number
from pipeline.personal import PersonalKind


def _passport(text: str) -> bool:
    """No state's rule: a number, not a word in capitals and not one digit again and again."""
    return sum(c.isdigit() for c in text) >= 4 and len(set(text)) > 2


def _dates(text: str) -> bool:
    """Birth date and expiry, each six digits (months and days may be unknown) with its check digit, sex between."""
    born, sex, expires = text[:7], text[7], text[8:15]
    return sex in "MFX<" and checksums.icao_9303(born) and checksums.icao_9303(expires) and expires[2:4] <= "12"


def _mrz(text: str) -> bool:
    """ICAO Doc 9303-4, 4.2.2: the second line of a passport (TD3): number, dates, personal number, all together."""
    line = text[-44:]
    personal, whole = line[28:43], line[:10] + line[13:20] + line[21:44]
    is_personal = checksums.icao_9303(personal) or (personal == "<" * 15)
    return checksums.icao_9303(line[:10]) and _dates(line[13:28]) and is_personal and checksums.icao_9303(whole)


def _mrz_td2(text: str) -> bool:
    """ICAO Doc 9303-6, 4.2.2: the second line of a card or paper of two lines of 36 characters (TD2)."""
    line = text[-36:]
    return (
        checksums.icao_9303(line[:10])
        and _dates(line[13:28])
        and checksums.icao_9303(line[:10] + line[13:20] + line[21:36])
    )


def _mrz_td1(text: str) -> bool:
    """ICAO Doc 9303-5, 4.2.2: a card of three lines of 30 characters (TD1)."""
    first, second = text[:30], text.replace("\r", "")[30:60]
    dates = second[:15]
    whole = first[5:30] + second[:7] + second[8:15] + second[18:30]
    return checksums.icao_9303(first[5:15]) and _dates(dates) and checksums.icao_9303(whole)


_WORDS = near(
    "passports?", "reisepass(?:es)?(?:-?(?:nummer|nr))?", "pass-?(?:nummer|nr)", "passeports?", "pasaportes?",
    "passaport[oie]s?", "paspoort(?:nummer)?", "paszportu?", "passin numero", "pasaportu?", "pașaport",
    "cestovn[íi] pas", "putovnica", "útlevél", "διαβατ[ηή]ριου?", "(?:загран)?паспорта?", "pasaport numarası",
    anywhere="护照|護照|旅券|パスポート|여권|หนังสือเดินทาง|דרכון|جواز|पासपोर्ट",
)  # fmt: skip

_LINE_END = r"[ \t]{0,3}\r?\n[ \t]{0,3}"
_SECOND = r"[A-Z0-9<]{8}\d[A-Z<]{3}\d{7}[MFX<]\d{7}"  # from the second character of the document's number
_TD2_NAMES = r"[A-Z<]{4}[A-Z0-9<]{31}"

DETECTORS: tuple[Detector, ...] = (
    Detector(
        "passport", PersonalKind.PASSPORT,
        number("[A-Z0-9]", r"(?<=[A-Z])[A-Z]?[ -]?\d{6,8}[A-Z]?|[A-Z0-9]{8}|(?<=\d)\d \d{2} \d{6}|(?<=\d)\d{3} \d{6}"),
        _passport, in_context=0.9, context=_WORDS,
    ),
    Detector(
        "mrz", PersonalKind.PASSPORT,
        re.compile(rf"P(?<![A-Za-z0-9<]P)[A-Z<]{{4}}[A-Z<]{{39}}{_LINE_END}[A-Z0-9<]{_SECOND}[A-Z0-9<]{{14}}[0-9<]\d(?![A-Za-z0-9<])"),
        _mrz, alone=0.99, in_context=0.99,
    ),
    Detector(
        "mrz_second_line", PersonalKind.PASSPORT,
        re.compile(rf"[A-Z0-9](?<![A-Za-z0-9<][A-Z0-9]){_SECOND}[A-Z0-9<]{{14}}[0-9<]\d(?![A-Za-z0-9<])"),
        _mrz, alone=0.98, in_context=0.98,
    ),
    Detector(
        "mrz_td2", PersonalKind.NATIONAL_ID,
        re.compile(rf"[ACIPV](?<![A-Za-z0-9<][ACIPV]){_TD2_NAMES}{_LINE_END}[A-Z0-9<]{_SECOND}[A-Z0-9<]{{7}}\d(?![A-Za-z0-9<])"),
        _mrz_td2, alone=0.98, in_context=0.98,
    ),
    Detector(
        "mrz_td1", PersonalKind.NATIONAL_ID,
        re.compile(
            rf"[ACI](?<![A-Za-z0-9<][ACI])[A-Z0-9<]{{4}}[A-Z0-9<]{{9}}[0-9<][A-Z0-9<]{{15}}{_LINE_END}"
            rf"\d{{7}}[MFX<]\d{{7}}[A-Z<]{{3}}[A-Z0-9<]{{11}}\d{_LINE_END}[A-Z<]{{30}}(?![A-Za-z0-9<])"
        ),
        _mrz_td1, alone=0.99, in_context=0.99,
    ),
)  # fmt: skip
