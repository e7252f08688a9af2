"""How money is reached: IBANs, payment cards, accounts in context."""

import re

from pipeline.insight.pii import checksums
from pipeline.insight.pii.detector import Detector, compact, words
from pipeline.personal import PersonalKind

# ISO 13616: the SWIFT IBAN registry, release 99; the whole length of an account number by country.
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip


def iban(text: str) -> bool:
    """The country's length, and ISO 7064 MOD 97-10 over the number with its first four characters last."""
    return IBAN_LENGTHS.get(text[:2]) == len(text) and checksums.mod_97_10(text[4:] + text[:4])


def _iban_pattern() -> re.Pattern[str]:
    """For each length that there is, the countries that have it, and so many characters, in groups or not."""
    by_length: dict[int, list[str]] = {}
    for country, length in IBAN_LENGTHS.items():
        by_length.setdefault(length, []).append(country)
    ways = (
        rf"(?:{'|'.join(countries)})[ \t]?[0-9]{{2}}(?:[ \t\n-]?[A-Z0-9]){{{length - 4}}}"
        for length, countries in sorted(by_length.items(), reverse=True)
    )
    return re.compile(
        rf"(?<![A-Z0-9])(?=[A-Z]{{2}}[ \t]?[0-9]{{2}})(?:{'|'.join(ways)})(?![A-Z0-9])", re.IGNORECASE | re.ASCII
    )


# Issuers by their first digits (ISO/IEC 7812; ranges as the networks publish them), with the lengths they use.
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"3(?:0[0-59]|[689])"), (14, 16, 17, 18, 19)),  # Diners Club
    (re.compile(r"6(?:011|4[4-9]|5)"), (16, 17, 18, 19)),  # Discover
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)),  # JCB
    (re.compile(r"62|81"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"5018|5020|5038|5[68]|6304|6759|676[1-3]|0604|6390"), (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (re.compile(r"220[0-4]"), (16, 17, 18, 19)),  # Mir
    (re.compile(r"60|508|353|356"), (16,)),  # RuPay
    (re.compile(r"1800|2131"), (15,)),  # JCB of before
)


def _as_digits(text: str) -> str:
    """Letters that are read as digits in a number: O as 0, I and L as 1."""
    return text.translate(_READ_AS)


_READ_AS = str.maketrans("OIL|", "0111")


def payment_card(text: str) -> bool:
    """A number that `looks_like_card`, of an issuer, with a length that it uses."""
    digits = _as_digits(compact(text))
    is_issued = any(len(digits) in lengths and issuer.match(digits) for issuer, lengths in _ISSUERS)
    return is_issued and looks_like_card(text)


def looks_like_card(text: str) -> bool:
    """Luhn's formula, in one group of digits, in two (broken at a line's end) or in such as cards show."""
    digits = _as_digits(compact(text))
    if not checksums.luhn(digits) or len(set(digits)) < 3 or sum(c.isdigit() for c in text) < 12:
        return False
    groups = [len(group) for group in re.split(r"[ \t\n.-]+", text)]
    return len(groups) <= 2 or groups in ([4, 6, 5], [4, 6, 4]) or (set(groups[:-1]) == {4} and groups[-1] <= 4)


def aba_routing(text: str) -> bool:
    """Routing numbers of the American Bankers Association: weights 3, 7, 1, and a Federal Reserve district."""
    if not checksums.is_digits(text, 9):
        return False
    district = int(text[:2])
    is_district = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return is_district and text != "000000000" and checksums.weighted(text, (3, 7, 1) * 3) % 10 == 0


_CARD_WORDS = words("cards?", "visa", "mastercard", "maestro", "amex", "american express", "kreditkarten?",
    "kartennummer",
                    "carte", "tarjeta", "carta", "cartão", "creditcard", "karte", "pan", "debit", "credit",
                    "cvv", "cvc", "cc")  # fmt: skip
_ROUTING_WORDS = words("routing", "aba", "rtn", "transit", "r/t", "ach", "wire")
_SORT_WORDS = words("sort[ -]?code", "sort", "bankleitzahl", "blz", "bsb")

DETECTORS = (
    Detector("iban", PersonalKind.IBAN, _iban_pattern(), iban, alone=0.99, in_context=0.99),
    Detector(
        "payment_card", PersonalKind.PAYMENT_CARD,
        re.compile(
            r"(?<![A-Za-z0-9])(?<![0-9][.,-])[0-9OoIl](?:[ \t]?[\n.-]?[ \t]?[0-9OoIl|]){11,18}(?![A-Za-z0-9])(?"
            r"![-.,]\d)"
        ),
        payment_card, alone=0.9, in_context=0.99, context=_CARD_WORDS, raw=True,
    ),
    Detector(
        "payment_card_stated", PersonalKind.PAYMENT_CARD,
        re.compile(r"(?<![A-Za-z0-9])(?<![0-9][.,-])\d(?:[ \t]?[\n.-]?[ \t]?\d){12,18}(?![A-Za-z0-9])(?![-.,]\d)"),
        looks_like_card, in_context=0.9, context=_CARD_WORDS, raw=True,
    ),
    Detector(
        "us_routing", PersonalKind.BANK_ACCOUNT, re.compile(r"(?<![\w.,-])\d{9}(?![\w-]|[.,]\d)"),
        aba_routing, in_context=0.95, context=_ROUTING_WORDS,
    ),
    Detector(
        "sort_code", PersonalKind.BANK_ACCOUNT,
        re.compile(
            r"(?<![\w.,-])(?:\d{2}-\d{2}-\d{2}|\d{2} \d{2} \d{2}|\d{3}-\d{3}|\d{3} ?\d{3} ?\d{2}|\d{6})(?![\w-]|"
            r"[.,]\d)"
        ),
        in_context=0.9, context=_SORT_WORDS,
    ),
    Detector(
        "account_number", PersonalKind.BANK_ACCOUNT,
        re.compile(
            r"(?i:(?<![^\W\d_])(?:bank account|account|acct|a/c|konto|kto|compte|cuenta|conto corrente|rekening|conta)"
            r"(?:[ -]?(?:nummer|nr|number|no|num)?\.?|[ \t]+(?:#|id|n[°º]))[ \t]*(?:is|was|:|#|=)?[ \t]*\n?[ \t]*)"
            r"(?P<value>[A-Z]{0,4}[0-9](?:[ -]?[0-9X*]){4,19})(?![\w]|[.,]\d)"
        ),
        in_context=0.9,
    ),
)  # fmt: skip
