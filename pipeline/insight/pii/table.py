"""All detectors that come with the program, and the version of what they find."""

from pipeline.insight.pii import (
    addresses,
    contacts,
    finance,
    identity_africa,
    identity_americas,
    identity_asia_pacific,
    identity_europe,
    identity_passports,
    machines,
    secrets,
    stated,
)

DETECTORS = (
    *contacts.DETECTORS,
    *addresses.DETECTORS,
    *finance.DETECTORS,
    *identity_europe.DETECTORS,
    *identity_americas.DETECTORS,
    *identity_asia_pacific.DETECTORS,
    *identity_africa.DETECTORS,
    *identity_passports.DETECTORS,
    *machines.DETECTORS,
    *secrets.DETECTORS,
    *stated.DETECTORS,
)
VERSION = 3  # raise it when they find something else: what is stored is looked through again
