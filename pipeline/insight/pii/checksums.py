"""Check digits as standards define them. Each function is given characters without separators; anything else fails."""

_LETTERS = {chr(code): code - 55 for code in range(ord("A"), ord("Z") + 1)}  # ISO 7064: A is 10, Z is 35


def is_digits(text: str, *lengths: int) -> bool:
    """Whether it is ASCII digits only, of one of these lengths."""
    return text.isascii() and text.isdigit() and len(text) in lengths


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of digits, each times its weight; as many digits as there are weights."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def luhn(digits: str) -> bool:
    """Luhn's formula (ISO/IEC 7812-1, annex B): cards, and several national numbers."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    doubled = "0246813579"
    return sum(int(doubled[int(d)]) if place % 2 else int(d) for place, d in enumerate(reversed(digits))) % 10 == 0


def mod_97_10(text: str) -> bool:
    """ISO 7064 MOD 97-10, as IBANs have it once their first four characters stand last (ISO 13616)."""
    try:
        return int("".join(str(_LETTERS.get(c, c)) for c in text)) % 97 == 1
    except ValueError:
        return False


def mod_11_10(digits: str) -> bool:
    """ISO 7064 MOD 11,10: the German tax number, Croatia's OIB."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    product = 10
    for digit in digits[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def verhoeff(digits: str) -> bool:
    """Verhoeff's formula (Error Detecting Decimal Codes, 1969): India's Aadhaar."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _VERHOEFF_PRODUCT[check][_VERHOEFF_PERMUTATION[place % 8][int(digit)]]
    return check == 0


_VERHOEFF_PRODUCT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_VERHOEFF_PERMUTATION = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def mod_11_2(text: str) -> bool:
    """ISO 7064 MOD 11-2, its check character 0 to 9 or X last: China's resident number."""
    if not (text.isascii() and text[:-1].isdigit() and (text[-1:].isdigit() or text[-1:] == "X")):
        return False
    total = 0
    for character in text:
        total = (total * 2 + (10 if character == "X" else int(character))) % 11
    return total == 1


def ean_13(digits: str) -> bool:
    """GS1's check digit for 13 digits (GS1 General Specifications, 7.9): weights 1 and 3 in turn."""
    return is_digits(digits, 13) and weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def icao_9303(text: str) -> bool:
    """ICAO Doc 9303-3, 4.9: weights 7, 3, 1 in turn; A is 10, Z is 35, < is 0; the check digit is last."""
    if not text[-1:].isdigit():
        return False
    try:
        values = [int(character, 36) if character != "<" else 0 for character in text[:-1]]
    except ValueError:
        return False
    return sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10 == int(text[-1])
