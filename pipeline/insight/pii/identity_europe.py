"""How states of Europe number people: the detectors of its regions together."""

from pipeline.insight.pii import (
    identity_europe_central,
    identity_europe_east,
    identity_europe_north,
    identity_europe_south,
    identity_europe_west,
)
from pipeline.insight.pii.detector import Detector

DETECTORS: tuple[Detector, ...] = (
    *identity_europe_west.DETECTORS,
    *identity_europe_central.DETECTORS,
    *identity_europe_north.DETECTORS,
    *identity_europe_south.DETECTORS,
    *identity_europe_east.DETECTORS,
)
