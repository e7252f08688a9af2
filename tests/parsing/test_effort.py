"""Processor time is bounded from within, once the clock of the process runs."""

import subprocess
import sys
import time

import pytest

from pipeline.parsing.effort import at_most

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")

CODE = """
import time
from pipeline.parsing.effort import Exhausted, at_most, start_clock
start_clock()
def work(cpu_s):
    until = time.process_time() + cpu_s
    while time.process_time() < until:
        try:
            sum(range(1000))
        except Exception:
            pass
told = []
for allowed, needed in ((0.3, 30), (5, 0.3), (0.2, 30)):
    begun = time.process_time()
    try:
        with at_most(allowed):
            work(needed)
        told.append("done")
    except Exhausted:
        told.append("exhausted" if time.process_time() - begun < allowed + 1 else "late")
work(0.3)
with at_most(0.05):
    time.sleep(0.5)
print(*told)
"""


def test_what_computes_too_long_is_ended_and_the_next_is_not() -> None:
    """In a process of its own, whose timer is for good. Sleeping takes no processor time."""
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.split() == ["exhausted", "done", "exhausted"]


def test_without_a_clock_nothing_is_ended() -> None:
    until = time.process_time() + 0.3
    with at_most(0.01):
        while time.process_time() < until:
            pass
    assert time.process_time() >= until
