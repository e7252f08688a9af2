"""A probe that takes no lock and claims one: the proof must see it. Run as pipeline.isolation.probe is."""

import sys
from unittest import mock

from pipeline.isolation import lockdown, probe, sealing
from pipeline.isolation.lockdown import Lock
from pipeline.isolation.probe import Role

CLAIMED = Lock(system_calls=True, landlock=7, own_network=True)

if __name__ == "__main__":
    with (
        mock.patch.object(sealing, "take_lock", return_value=CLAIMED),
        mock.patch.object(lockdown, "lock_parser", return_value=CLAIMED),
        mock.patch.object(lockdown, "lock_reader"),
    ):
        probe.main(Role(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
