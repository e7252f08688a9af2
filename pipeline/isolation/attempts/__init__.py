"""Ways out of a process, each as a function that tries one. Run only by the proof, never on a document's behalf.

An attempt returns when it got out and raises OSError when it was refused; some end the process that tries. Those that
send something send their own name to a sink on this machine, so that what got out can be counted there. Addresses are
those of the loopback: what is proved is that nothing leaves the process, not where it would have gone.
"""

from pipeline.isolation.attempts import detours, files, network, system
from pipeline.isolation.attempts.aim import TIMEOUT_S, Attempt, Sink, Unavailable

NETWORK, SYSTEM, FILES = (*network.ALL, *detours.ALL), system.ALL, files.ALL
ALL: tuple[Attempt, ...] = (*NETWORK, *SYSTEM, *FILES)
SENDING = network.SENDING | detours.SENDING

__all__ = ["ALL", "FILES", "NETWORK", "SENDING", "SYSTEM", "TIMEOUT_S", "Attempt", "Sink", "Unavailable"]
