"""Whether a number may be a telephone number, by the numbering plans of the world (phonenumbers, Google's library)."""

import re

# Whose plan a number without a country code may follow: English, German, French, Spanish, Italian, Dutch, Portuguese.
_REGIONS = ("US", "GB", "DE", "AT", "CH", "FR", "ES", "IT", "NL", "BE", "PT", "IE", "AU", "IN", "SE", "DK", "PL", "BR")
_EXTENSION = re.compile(r"[ ]?(?:x|ext\.?|extension)[ ]?\d{1,6}$", re.IGNORECASE)
_DATE = re.compile(r"(?:\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}([./-])\d{1,2}\2\d{1,2})(?: .*)?")


def is_valid(text: str) -> bool:
    """A number with its country code, for which the country's plan has a place, or that is of a length it has."""
    import phonenumbers  # noqa: PLC0415 - 30 ms, and most processes look for no personal data

    number = "+" + re.sub(r"\D", "", _EXTENSION.sub("", text)).removeprefix("00")
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def is_national(text: str) -> bool:
    """A number without country code that the plan of one of many countries has."""
    import phonenumbers  # noqa: PLC0415

    if _DATE.fullmatch(text):
        return False
    for region in _REGIONS:
        try:
            if phonenumbers.is_valid_number_for_region(phonenumbers.parse(_EXTENSION.sub("", text), region), region):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def is_plausible(text: str) -> bool:
    """As long as telephone numbers are (E.164: 15 digits, with a prefix two more), and no date."""
    digits = re.sub(r"\D", "", _EXTENSION.sub("", text))
    return 7 <= len(digits) <= 17 and len(set(digits)) > 1 and not _DATE.fullmatch(text.strip())
