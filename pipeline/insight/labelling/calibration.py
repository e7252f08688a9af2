"""Makes probabilities mean what they say, and finds from which one on a label may be given without asking. Pure."""

import numpy as np
import numpy.typing as npt

from pipeline.insight.labelling.features import Floats, Ints

Doubles = npt.NDArray[np.float64]
NEVER = 2.0  # a threshold that no probability reaches
_BINS = 15
_GOLDEN = (5**0.5 - 1) / 2


def probabilities(logits: Floats | Doubles, temperature: float) -> Doubles:
    """The softmax of logits (n, k) that are divided by a temperature."""
    scaled = logits.astype(np.float64) / temperature
    odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    found: Doubles = odds / odds.sum(axis=1, keepdims=True)
    return found


def temperature(logits: Floats | Doubles, labels: Ints) -> float:
    """The one under which held-back labels (n,) are likeliest.

    Guo et al., On Calibration of Modern Neural Networks (2017). The negative log-likelihood has one minimum, which a
    golden-section search finds between 1/20 and 20.
    """

    def loss(log_temperature: float) -> float:
        found = probabilities(logits, float(np.exp(log_temperature)))
        return -float(np.log(np.maximum(found[np.arange(len(labels)), labels], 1e-12)).mean())

    low, high = -np.log(20.0), np.log(20.0)
    for _ in range(40):
        first, second = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if loss(first) <= loss(second):
            high = second
        else:
            low = first
    return float(np.exp((low + high) / 2))


def calibration_error(confidences: Doubles, correct: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart in bins of equal width, on average."""
    bins = np.minimum((confidences * _BINS).astype(int), _BINS - 1)
    gaps = (abs(float((confidences - correct)[bins == one].mean())) * float((bins == one).mean()) for one in set(bins))
    return float(sum(gaps))


def threshold(confidences: Doubles, correct: npt.NDArray[np.bool_], max_error: float) -> float:
    """The lowest confidence from which on at most a share `max_error` of labels is expected to be wrong; else NEVER.

    Conformal risk control (Angelopoulos et al., 2022): of n held-back documents that are kept, (errors + 1) / (n + 1)
    bounds the chance that the next one that is kept is wrong, as long as documents come as the examples did.
    """
    order = np.argsort(-confidences, kind="stable")
    errors = np.cumsum(~correct[order])
    kept = np.arange(1, len(order) + 1)
    is_last = np.append(confidences[order][1:] < confidences[order][:-1], True)  # of equal ones all are kept, or none
    good = np.flatnonzero(is_last & ((errors + 1) / (kept + 1) <= max_error))
    return float(confidences[order][good[-1]]) if len(good) else NEVER
