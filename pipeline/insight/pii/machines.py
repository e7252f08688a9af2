"""Where machines are: internet and hardware addresses, positions."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from pipeline.insight.pii.detector import Detector, words
from pipeline.personal import PersonalKind


def ipv4(text: str) -> bool:
    """An address of one machine: neither all zeros nor a mask of networks."""
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return False
    return not (address.is_unspecified or text.startswith("255."))


def _is_no_outline(text: str) -> bool:
    """Whether it is no number of a section or a version, which are small throughout: 1.2.3.4."""
    return ipv4(text) and max(int(part) for part in text.split(".")) >= 32


def ipv6(text: str) -> bool:
    """RFC 4291, with at least one colon doubled or eight groups."""
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return False
    return not address.is_unspecified


def _position(text: str) -> bool:
    latitude, longitude = (float(one) for one in re.split(r"[;,]\s*|\s+", text.strip(), maxsplit=1))
    return abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)


_IP_WORDS = words(
    "ip", "ips", "ipv4", "address", "host", "server", "client", "gateway", "dns", "login", "adresse", "remote"
)
_GPS_WORDS = words("gps", "latitude", "longitude", "lat", "lon", "lng", "coordinates?", "koordinaten", "coordonnées",
                   "coordenadas", "coordinate", "position", "location", "geo", "geolocation", "standort")  # fmt: skip

DETECTORS = (
    Detector(
        "ipv4", PersonalKind.IP_ADDRESS,
        re.compile(r"(?<![\w.])(?<![\w.]-)(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)"),
        _is_no_outline, alone=0.9, has_digits=False, in_context=0.95, context=_IP_WORDS, needs=".", raw=True,
    ),
    Detector(
        "ipv4_small", PersonalKind.IP_ADDRESS, re.compile(r"(?<![\w.])(?<![\w.]-)(?:\d{1,2}\.){3}\d{1,2}(?!\w|\.\d)"),
        ipv4, in_context=0.8, context=_IP_WORDS, needs=".", raw=True,
    ),
    Detector(
        "ipv6", PersonalKind.IP_ADDRESS,
        re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:]|\.\d)"),
        lambda text: len(text) >= 6 and any(c in "abcdefABCDEF" or text.count(":") >= 4 for c in text) and ipv6(text),
        alone=0.9, has_digits=False, in_context=0.9, needs=":", raw=True,
    ),
    Detector(
        "mac", PersonalKind.MAC_ADDRESS,
        re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?P<by>[:-])[0-9A-Fa-f]{2}(?:(?P=by)[0-9A-Fa-f]{2}){4}(?![\w:-])"),
        has_digits=False, in_context=0.97,
    ),
    Detector(
        "gps_decimal", PersonalKind.GPS_POSITION,
        re.compile(r"(?<![\w.,-])[-+]?\d{1,2}\.\d{3,9}\s?[;, ]\s?[-+]?\d{1,3}\.\d{3,9}(?![\w.]|,\d)"),
        _position, in_context=0.95, context=_GPS_WORDS, needs=".", raw=True,
    ),
    Detector(
        "gps_degrees", PersonalKind.GPS_POSITION,
        re.compile(
            r"(?<!\w)\d{1,2}°\s?\d{1,2}['′’]\s?(?:\d{1,2}(?:\.\d+)?[\"″”]\s?)?[NS][,;]?\s{0,2}"
            r"\d{1,3}°\s?\d{1,2}['′’]\s?(?:\d{1,2}(?:\.\d+)?[\"″”]\s?)?[EWO](?!\w)"
        ),
        in_context=0.97, needs="°",
    ),
)  # fmt: skip
