"""The parser process without its lock, for comparison only: everything else is the product's."""

import sys
from unittest import mock

from pipeline.isolation import lockdown
from pipeline.isolation.lockdown import NO_LOCK, Lock
from pipeline.parsing import worker


def _no_lock(*, required: bool) -> Lock:
    del required
    return NO_LOCK


if __name__ == "__main__":
    with mock.patch.object(lockdown, "lock_parser", _no_lock):
        worker.main(sys.argv[1:])
