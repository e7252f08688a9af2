"""A probe whose lock has one hole: pairs of datagram sockets that can be aimed. Run as pipeline.isolation.probe is."""

import sys
from dataclasses import replace
from unittest import mock

from pipeline.isolation import filters, landlock, namespaces, probe
from pipeline.isolation.probe import Role

HOLE = ("socketpair", "sendto")
HOLED = replace(filters.SERVICE, rules=tuple(rule for rule in filters.SERVICE.rules if rule.call not in HOLE))

if __name__ == "__main__":
    with (
        mock.patch.object(filters, "SERVICE", HOLED),
        mock.patch.object(landlock, "version", return_value=0),  # else a later wall hides the hole
        mock.patch.object(namespaces, "enter_own_network", return_value=False),
    ):
        probe.main(Role(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
