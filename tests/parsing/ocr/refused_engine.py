"""The scripted engine where the kernel gives no filter of system calls."""

import runpy

from tests.isolation.inside import refuse_the_lock

if __name__ == "__main__":
    refuse_the_lock()
    runpy.run_module("tests.parsing.ocr.scripted_engine", run_name="__main__")
