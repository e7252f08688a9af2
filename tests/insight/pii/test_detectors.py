"""Every detector of the table: what it finds and what it leaves, hostile texts, and that no text makes it slow."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.insight.pii import addresses, contacts, finance, machines, search, secrets, stated, table
from pipeline.insight.pii.detector import Detector
from tests.insight.pii.examples import EXAMPLES

OWN = [
    detector
    for module in (addresses, contacts, finance, machines, secrets, stated)
    for detector in module.DETECTORS
]  # fmt: skip
CASES = [(detector, sentence) for detector in OWN for sentence in EXAMPLES[detector.name]]


def marked(text: str) -> tuple[str, list[str]]:
    return text.replace("«", "").replace("»", ""), re.findall("«(.*?)»", text, re.DOTALL)


def found(detector: Detector, text: str) -> list[str]:
    return [text[one.start : one.end] for one in search.find(1, text, [detector])]


def test_every_detector_has_two_examples_of_either_kind() -> None:
    assert {detector.name for detector in OWN} == set(EXAMPLES)
    assert len({detector.name for detector in table.DETECTORS}) == len(table.DETECTORS)
    for name, sentences in EXAMPLES.items():
        with_some = sum("«" in sentence for sentence in sentences)
        assert with_some >= 2, name
        assert len(sentences) - with_some >= 1, name


@pytest.mark.parametrize(("detector", "sentence"), CASES, ids=[f"{d.name}-{n}" for n, (d, _) in enumerate(CASES)])
def test_a_detector_finds_what_is_marked_and_nothing_else(detector: Detector, sentence: str) -> None:
    text, wanted = marked(sentence)
    assert found(detector, text) == wanted


@pytest.mark.parametrize(("detector", "sentence"), CASES, ids=[f"{d.name}-{n}" for n, (d, _) in enumerate(CASES)])
def test_what_stands_in_the_middle_of_a_long_page_is_found_where_it_is(detector: Detector, sentence: str) -> None:
    """Only what is near digits is looked through: nothing may be cut off by that."""
    prose = "The parties agree that nothing in here shall be read as a promise of any kind, and so on. " * 20
    text, wanted = marked(sentence)
    page = f"{prose}\n{text}\n{prose}\n{text}\n{prose}"
    assert found(detector, page) == wanted * 2


UNITS = (
    "1", "a", "1 ", "A1-", "12.", "@a.", "account number ", "+1 ", "DE12 ", ":", "\n", "Aa ", "http://a?", "1 Rue ",
)  # fmt: skip


@pytest.mark.parametrize("detector", table.DETECTORS, ids=lambda one: one.name)
def test_no_text_of_one_thing_makes_a_detector_slow(detector: Detector) -> None:
    """Twice the text may take about twice as long: four times and more would be a pattern that goes back.

    Nor may it take more than two hundred times as long as to look at each character: a page may be a million of them.
    """

    def seconds(unit: str, count: int) -> float:
        text = unit * (count // len(unit))
        best = 9.0
        for _ in range(2):
            begun = time.process_time()
            search.find(1, text, [detector])
            best = min(best, time.process_time() - begun)
        return best

    for unit in UNITS:
        once = seconds(unit, 6_000)
        if once > 0.005:  # below that, nothing a page could cost matters
            assert seconds(unit, 24_000) < 4 * once * 2.5, unit
            text = unit * (6_000 // len(unit))
            begun = time.process_time()
            for _ in range(20):
                sum(map(ord, text))
            assert once < 10 * (time.process_time() - begun), unit


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_findings_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for one in search.find(3, text, table.DETECTORS):
        assert end <= one.start < one.end <= len(text)
        assert one.page == 3
        assert 0.5 <= one.score <= 1
        end = one.end


@pytest.mark.parametrize(
    "card",
    [
        "4539\u200b1488\u200b0343\u200b6467",  # zero-width spaces
        "4539\u00a01488\u20090343\u202f6467",  # other spaces
        "4539\u20111488\u20130343\u22126467",  # other hyphens
        "\uff14\uff15\uff13\uff19 1488 0343 6467",  # full width
        "٤٥٣٩ ١٤٨٨ ٠٣٤٣ ٦٤٦٧",  # Arabic digits
        "4539 1488 \u041e343 6467",  # a Cyrillic O
        "4539 1488 0343\n6467",
        "453914880343\n6467",
    ],
)
def test_a_card_number_in_disguise_is_found_where_it_stands(card: str) -> None:
    text = f"Bezahlt mit {card} am Montag"
    (one,) = search.find(1, text, table.DETECTORS)
    assert (one.kind, text[one.start : one.end]) == ("payment-card", card)


def test_of_two_findings_in_one_place_the_surer_is_kept() -> None:
    text = "account number GB29NWBK60161331926819"
    (one,) = search.find(1, text, table.DETECTORS)
    assert (one.kind, one.detector) == ("iban", "iban")


def test_words_of_context_are_met_whole_and_near() -> None:
    assert [one.kind for one in search.find(1, "fax 655 437 108", table.DETECTORS)] == ["phone"]
    assert search.find(1, "faxless 655 437 108", table.DETECTORS) == ()
    assert search.find(1, f"fax{'.' * 80}655 437 108", table.DETECTORS) == ()
