"""The page: figures appear as people write them, names stay text, nothing is loaded, and it can be read aloud."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from pipeline.evaluation.page import POLICY, render
from pipeline.evaluation.report import Answer, Dossier, Footprint, GateResult, Passage, Verdict
from tests.evaluation import invented

HOSTILE = "</title></style><script src=http://x.test/a.js>1</script><img onerror=x>\"'&\x00\u202e\ud800"
VOID = {"meta"}
SHAPES = {"rect", "line", "circle"}


class Page(HTMLParser):
    """The elements of a page: that all are closed in order, their attributes, and the rows of its tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID | SHAPES, f"<{tag}/> would stay open in HTML"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += ("|" if self.open[-1] == "span" and self.rows[-1][-1] else "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def row(self, *begins: str) -> list[str]:
        """The first row whose cells begin like this."""
        return next(row for row in self.rows if tuple(row[: len(begins)]) == begins)


def hostile() -> Dossier:
    """A dossier in which every string is an attack."""
    good = invented.good()
    passages = (Passage(HOSTILE, 0.9),)
    variants = []
    for variant in good.variants:
        fidelity = replace(variant.fidelity, worst=passages) if variant.fidelity else None
        variants += [replace(variant, name=HOSTILE, precision=HOSTILE, sha256=HOSTILE, fidelity=fidelity)]
    words = (HOSTILE,)
    hardware = replace(good.hardware, system=HOSTILE, processor=HOSTILE, features=words, integer_kernel=HOSTILE)
    return replace(
        good,
        created_at=HOSTILE,
        version=HOSTILE,
        model=HOSTILE,
        texts=HOSTILE,
        hardware=replace(hardware, remarks=words),
        variants=tuple(variants),
        gate=(GateResult(HOSTILE, HOSTILE, 1.0, 0.5), GateResult(HOSTILE, "overlap_at_10", 1.0, 0.5)),
        answers=(Answer(HOSTILE, Verdict.YES, words),),
        recommended=HOSTILE,
        recommendation=HOSTILE,
        packages=words,
    )


DOSSIERS = {"good": invented.good(), "below the gate": invented.below_the_gate(), "hostile": hostile()}


@pytest.mark.parametrize("dossier", DOSSIERS.values(), ids=DOSSIERS)
def test_all_elements_are_closed_and_every_chart_is_xml(dossier: Dossier) -> None:
    page = render(dossier)
    Page(page)
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) >= 4
    for chart in charts:
        assert [child.tag for child in ElementTree.fromstring(chart)][:2] == ["title", "desc"]


@pytest.mark.parametrize("dossier", [invented.good(), invented.below_the_gate()], ids=["good", "below the gate"])
def test_the_page_refers_to_nothing_outside(dossier: Dossier) -> None:
    page = render(dossier)
    without_policy = page.replace('http-equiv="Content-Security-Policy"', "")
    for reference in ("http", "src=", "href", "url(", "@import", "@font-face", "<script", "<link", "<iframe", "//"):
        assert reference not in without_policy
    assert POLICY == "default-src 'none'; style-src 'unsafe-inline'"
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in Page(page).all("meta")


def test_hostile_names_add_no_element_and_no_attribute() -> None:
    page = render(hostile())
    kind = {tag for tag, _ in Page(render(invented.good())).elements}
    assert {tag for tag, _ in Page(page).elements} <= kind
    names = {name for _, attributes in Page(page).elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in {"src", "href", "style"}}
    assert "&lt;script src=http://x.test/a.js&gt;" in page
    assert not {"\x00", "\u202e", "\ud800"} & set(page)
    page.encode("utf-8")


def test_the_headline_says_what_is_recommended_and_what_it_brings() -> None:
    text = Page(render(invented.good())).text
    assert f"Recommended: {invented.INT8}" in text
    assert "The INT8 model finds the same passages as its float32 reference" in text
    opening = text[: text.index("Three questions")]
    for figure in ("23.6 MB", "90.9 MB", "141,900 tokens/s", "3.5× the reference, on 16 threads", "0.9979", "0.948"):
        assert figure in opening
    assert "2026-03-01 14:05 UTC" in opening


def test_without_a_recommendation_the_headline_says_so() -> None:
    text = Page(render(invented.below_the_gate())).text
    assert "No model is recommended" in text
    assert "Stay with the float32 reference" in text


def test_each_question_has_its_verdict_and_its_reasons() -> None:
    page = render(invented.below_the_gate())
    assert page.count("<article") == 3
    assert '<span class="verdict care">With care</span>' in page
    assert '<span class="verdict bad">No</span>' in page
    assert '<span class="verdict none">Not measured</span>' in page
    assert "<li>Without VNNI, INT8 gains little here.</li>" in page


def test_models_stand_side_by_side_with_their_ratio_to_the_reference() -> None:
    page = Page(render(invented.good()))
    reference = page.row(f"{invented.REFERENCE}|float32 · reference")
    assert reference[1:] == ["90.9 MB", "211 ms", "402 ms", "196.4 MB", "2,947", "40,120", "6.4 ms", "8.1 ms"]
    chosen = page.row(f"{invented.INT8}|INT8, static · in use · recommended")
    assert chosen[1:] == ["23.6 MB", "88 ms", "248 ms", "117.9 MB", "9,470|3.2×", "141,900|3.5×", "1.9 ms", "2.5 ms"]


def test_cosines_are_told_with_their_intervals() -> None:
    page = Page(render(invented.good()))
    row = page.row(invented.INT8, "Ordinary passages")
    assert row[2:] == ["8,400", "0.9979 |[0.9977, 0.9981]", "0.9941 |[0.9935, 0.9945]", "0.9901"]
    assert page.row(invented.INT8, "Lists of names")[2] == "240"
    assert page.row("90417") == ["90417", "0.9901"]


def test_what_was_not_measured_is_said_to_be_so() -> None:
    page = Page(render(invented.good()))
    assert page.row(invented.DYNAMIC, "Lists of names")[2:] == ["not measured"] * 4
    assert "Lists of names: not measured." in page.text
    assert page.row(invented.DYNAMIC, "1,200")[-1] == "not measured"


def test_a_dossier_of_nothing_but_a_reference_is_a_page() -> None:
    reference = replace(invented.reference(), retrieval=None, footprint=Footprint(90_868_000, 1, 2, 0))
    hardware = replace(invented.hardware(), memory_bytes=0, features=(), remarks=())
    dossier = replace(invented.good(), variants=(reference,), gate=(), hardware=hardware, recommended=reference.name)
    page = Page(render(replace(dossier, packages=(), answers=())))
    assert page.row(f"{invented.REFERENCE}|float32 · reference · recommended")[4] == "not measured"
    assert "No bound was checked." in page.text
    assert "Overlap@10" not in page.text[: page.text.index("Three questions")]


def test_a_variant_without_fidelity_and_retrieval_is_not_measured() -> None:
    bare = replace(invented.int8(), fidelity=None, names=None, retrieval=None, labels_alike=None)
    page = Page(render(replace(invented.good(), variants=(invented.reference(), bare))))
    assert page.row(invented.INT8, "not measured") == [invented.INT8, *["not measured"] * 6]
    assert page.text[: page.text.index("Three questions")].count("not measured") == 2


def test_retrieval_is_told_with_intervals_and_the_reference_is_not_compared_with_itself() -> None:
    page = Page(render(invented.good()))
    row = page.row(invented.INT8, "1,200", "8,400")
    assert row[3:5] == ["0.948|[0.941, 0.955]", "0.411|[0.390, 0.432]"]
    assert row[5:] == ["−0.0012|[−0.0031, +0.0006]", "0.985|[0.971, 0.995]"]
    assert page.row(invented.REFERENCE, "1,200", "8,400")[3:] == ["–", "0.412|[0.391, 0.433]", "–", "–"]


def test_the_gate_bound_stands_in_the_chart_of_the_overlap() -> None:
    page = render(invented.good())
    chart = page[page.index("Overlap@10 with the reference</figcaption>") :]
    chart = chart[: chart.index("</svg>")]
    assert "gate: at least 0.930" in chart
    assert chart.count('class="dot missed"') == 1


def test_the_gate_says_pass_or_fail_with_digits_that_tell_why() -> None:
    page = Page(render(invented.good()))
    assert page.row(invented.INT8, "Mean cosine") == [invented.INT8, "Mean cosine", "0.9979", "0.9970", "Pass"]
    row = page.row(invented.DYNAMIC, "Mean cosine of lists of names")
    assert row[2:] == ["0.98997", "0.99000", "Fail"]


def test_cosines_with_sentence_transformers_have_their_own_table() -> None:
    assert "sentence-transformers" not in render(invented.good())
    original = replace(invented.reference(), sentence_transformers=invented.fidelity(0.9999, 0.9998, 8_400))
    page = Page(render(replace(invented.good(), variants=(original, invented.int8()))))
    assert "Cosines with sentence-transformers itself" in page.text
    assert page.row(invented.REFERENCE, "Ordinary passages")[3] == "0.9999 |[0.9997, 1.0001]"


def test_machine_method_and_hashes_are_told() -> None:
    page = render(invented.good())
    for told in ("AMD EPYC 9R14", "64.0 GiB", "avx512_vnni", "onnxruntime 1.32.0", "Sealed Inbox 0.1.0", "Efron 1979"):
        assert told in page
    block = page[page.index("<pre>") : page.index("</pre>")]
    for variant in invented.good().variants:
        assert f"{variant.sha256}  {variant.name}" in block


def test_the_page_can_be_read_aloud() -> None:
    page = Page(render(invented.good()))
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    keys = {attributes["id"] for attributes in page.all("h2")}
    assert {attributes["aria-labelledby"] for attributes in page.all("section")} == keys
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attributes["scope"] in {"col", "colgroup", "row"} for attributes in page.all("th"))
    assert all(attributes["role"] == "img" for attributes in page.all("svg"))
