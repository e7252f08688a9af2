"""How persons are reached: e-mail, telephone, streets; and when they were born."""

import re

from pipeline.insight.pii.detector import Detector, words
from pipeline.insight.pii.telephone import is_national, is_plausible, is_valid
from pipeline.personal import PersonalKind

_TELEPHONE_WORDS = words("tel", "telephone", "phones?", "mobile", "cell", "cellphone", "fax", "call", "calls",
    "called", "sms", "whatsapp", "hotline",
                         "desk", "contact", "reach", "answering", "dial", "telefon", "telefonnummer", "handy",
                         "mobil", "rufnummer", "fon", "durchwahl",
                         "téléphone", "portable", "télécopie", "teléfono", "móvil", "telefono", "cellulare",
                         "telefoon", "telefone", "phone number",
                         "messages? to", "toll[ -]free", "hotline", "text me at")  # fmt: skip

_EMAIL = r"(?<![\w.+%@-])[\w](?:[\w.+%'-]{0,62}[\w+-])?@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@-])"

_MONTHS = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|mars|avr|juin|juil|août|sept|"
    r"déc|ene|abr|ago|dic|"
    r"gen|mag|giu|lug|set|ott|mrt|mei)[^\W\d_]{0,7}\.?"
)
_DATE = (
    rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th|\.|er|"
    rf"º)?(?: de| of)? {_MONTHS}(?: de)?,? \d{{4}}"
    rf"|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_BIRTH = (
    r"(?:dates? of birth|birth[ -]?da(?:te|y)|d\.?o\.?b\.?|born(?: on)?|geburtsdatum|geburtstag|geb\.?|geboren(?"
    r": am)?|date de naissance|née?(?:\(e\))? le"
    r"|fecha de nacimiento|nacid[oa](?: el)?|data di nascita|nat[oa](?: il)?|geboortedatum|geboren op|"
    r"data de nascimento|nascid[oa](?: em)?)"
)

DETECTORS = (
    Detector("email", PersonalKind.EMAIL, re.compile(_EMAIL), alone=0.99, has_digits=False, in_context=0.99, needs="@"),
    Detector(
        "phone_international", PersonalKind.PHONE,
        re.compile(
            r"(?<![\w+/=])(?<![\w]-)(?:\+|\b00)[ ]?[1-9](?:[ ./-]{0,2}\(?\d\)?){6,14}(?!\d)(?:[ ]?(?:x|ext\.?|"
            r"Ext\.?|extension)[ ]?\d{1,6})?(?![\w])"
        ),
        is_valid, alone=0.95, in_context=0.99, context=_TELEPHONE_WORDS, raw=True,
    ),
    Detector(
        "phone_stated", PersonalKind.PHONE,
        re.compile(
            r"(?<![\w+/=.,])(?<![\w]-)(?:\+|\()?\d(?:[ ./-]{0,2}\(?\d\)?){5,16}(?:[ ]?(?:x|ext\.?|Ext\.?|"
            r"extension)[ ]?\d{1,6})?(?!\w|[-/]\d|[.,]\d)"
        ),
        is_plausible, in_context=0.85, context=_TELEPHONE_WORDS, raw=True,
    ),
    # As signatures have it: which of a person's numbers it is stands behind, at the end of the line.
    Detector(
        "phone_called", PersonalKind.PHONE,
        re.compile(
            r"(?<![\w+/=.,])(?<![\w]-)(?:\+|\()?\d(?:[ ./-]{0,2}\(?\d\)?){6,14}(?=[ ]?[-–(]?[ ]?(?i:office|work|home|"
            r"mobile|cell|direct|main|fax|Büro|privat|mobil)\)?[ ]?(?:[\n,;|\\]|\Z))"
        ),
        is_plausible, in_context=0.85, raw=True,
    ),
    Detector(
        "phone_national", PersonalKind.PHONE,
        re.compile(
            r"(?<![\w+/=.,-])(?:\(\d{2,5}\)[ ]?\d[\d ./-]{4,11}\d|\d{3}[-.]\d{3}[-.]\d{4}|0\d{2,4}[ /-]\d{3,8}(?"
            r":[ -]\d{2,4}){0,2}|0\d(?:[ .]\d\d){4})(?!\w|[-/]\d|[.,]\d)"
        ),
        is_national, alone=0.7, in_context=0.95, context=_TELEPHONE_WORDS, raw=True,
    ),
    Detector(
        "date_of_birth", PersonalKind.DATE_OF_BIRTH,
        re.compile(rf"(?<![^\W\d_])(?i:{_BIRTH}[ \t]*[:*|]?[ \t]*\n?[ \t]*(?P<value>{_DATE}))(?![\w])"),
        in_context=0.95,
    ),
)  # fmt: skip
