"""The language of a document: found in a sentence where it can be, and left open where it cannot."""

import base64
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from py3langid.langid import LanguageIdentifier

from pipeline.datatypes import PageText
from pipeline.insight import language
from pipeline.insight.language import LANGUAGES, SAMPLE_CHARACTERS, LanguageGuesser, sample

# One letter about a flat, written for these tests: a line for each language.
_LINES = (Path(__file__).parent / "letters.tsv").read_text(encoding="utf-8").splitlines()
LETTERS = dict(line.split("\t") for line in _LINES)
INVOICES = {
    "en": "Invoice No. 2024-0815\nBergman Heating Ltd, 4 Linden Road, Leeds LS1 4AB\nQty\tDescription\tUnit price\n"
    "2\tCirculation pump WX-40\t189.00\n3.5\tHours of labour\t58.00\nVAT 20 %\t124.70\nTotal due\t748.20 GBP",
    "de": "Rechnung Nr. 2024-0815\nBergmann Heizungsbau GmbH, Lindenweg 4, 50667 Köln\nMenge\tBezeichnung\tPreis\n"
    "2\tUmwälzpumpe WX-40\t189,00\n3,5\tArbeitsstunden\t58,00\nMwSt. 19 %\t118,47\nGesamtbetrag\t741,97 EUR",
    "fr": "Facture n° 2024-0815\nChauffage Bergerac SARL, 4 rue des Tilleuls, Lyon\nQté\tDésignation\tPrix\n"
    "2\tPompe de circulation WX-40\t189,00\n3,5\tHeures de travail\t58,00\nTVA 20 %\t124,70\nTotal à payer\t748,20",
    "pl": "Faktura nr 2024/0815\nOgrzewanie Bergman Sp. z o.o., ul. Lipowa 4, Warszawa\nIlość\tNazwa\tCena\n"
    "2\tPompa obiegowa WX-40\t189,00\nVAT 23 %\t143,41\nDo zapłaty\t766,91 PLN\nTermin płatności 14 dni",
    "ja": "請求書番号 2024-0815\nベルクマン暖房株式会社\n数量\t品名\t単価\n"
    "2\t循環ポンプ WX-40\t18900\n合計金額\t68585円",
    "zh": "发票号 2024-0815\n伯格曼暖气有限公司\n数量\t名称\t单价\n2\t循环泵 WX-40\t189.00\n应付总额\t704.56 元",
}


def pages(*texts: str) -> list[PageText]:
    return [PageText(number, text) for number, text in enumerate(texts, 1)]


@pytest.fixture(scope="module")
def guesser() -> LanguageGuesser:
    return LanguageGuesser()


@pytest.mark.parametrize("code", LETTERS)
def test_a_letter_and_its_first_sentence_are_in_their_language(guesser: LanguageGuesser, code: str) -> None:
    paragraph = LETTERS[code]
    sentence = paragraph.split(". ")[0].split("। ")[0].split("。")[0].split("։ ")[0]
    assert [guesser.of(pages(text)) for text in (paragraph, paragraph.upper(), sentence)] == [code] * 3


@pytest.mark.parametrize("code", INVOICES)
def test_a_form_that_is_mostly_numbers_and_labels_is_in_the_language_of_the_labels(
    guesser: LanguageGuesser, code: str
) -> None:
    assert guesser.of(pages(INVOICES[code])) == code


def lines(seed: int, *columns: str) -> str:
    """Sixty lines of words drawn from each column."""
    draw = random.Random(seed)
    return "\n".join(" ".join(draw.choice(column.split()) for column in columns) for _ in range(60))


NAMES = lines(
    1,
    "Anna Peter Maria Jonas Miguel Sofia Ivan Yuki Wei Fatima Omar Lars Giulia Pierre Emily Aoife Zoltan Pavel",
    "Keller Garcia Rossi Dubois Smith Ivanov Tanaka Wang Hassan Hansen Kowalski Novak Nagy Silva Kelly Brown",
)
NUMBERS = "\n".join("\t".join(f"{row * column * 1.37:.2f}" for column in range(1, 9)) for row in range(60))
PARTS = lines(2, "AK-1201 BX-77 CK-9034 XN-15 ZL-4410", "PCS EUR KG ST", "12 40 7 133")
KEY = base64.b64encode(random.Random(3).randbytes(3000)).decode()
LETTERS_AT_RANDOM = " ".join(
    "".join(random.Random(seed).choices("abcdefghijklmnopqrstuvwxyz", k=6)) for seed in range(300)
)


NO_LANGUAGE = {
    "nothing": "",
    "space": " \n ",
    "a word": "Miete",
    "two words": "Yes. OK 12",
    "two characters": "合同",
    "pictures": "💥" * 100,
    "half characters": "\ud800" * 100,
    "one letter": "a" * 10_000,
    "names": NAMES,
    "numbers": NUMBERS,
    "part numbers": PARTS,
    "a key": KEY,
    "bytes": random.Random(4).randbytes(1500).hex(" "),
    "letters at random": LETTERS_AT_RANDOM,
}


@pytest.mark.parametrize("text", NO_LANGUAGE.values(), ids=NO_LANGUAGE)
def test_what_is_in_no_language_or_too_short_is_left_open(guesser: LanguageGuesser, text: str) -> None:
    assert guesser.of(pages(text)) is None


def test_no_page_is_no_language(guesser: LanguageGuesser) -> None:
    assert guesser.of([]) is None


def test_a_document_in_several_languages_is_in_the_one_that_most_of_it_is_in(guesser: LanguageGuesser) -> None:
    german, english = LETTERS["de"], LETTERS["en"]
    assert guesser.of(pages(german, german, german, english)) == "de"
    assert guesser.of(pages(english, english, german, english)) == "en"
    assert guesser.of(pages(english, *[german] * 100)) == "de"  # a cover
    assert guesser.of(pages(*[german] * 100, english * 3)) == "de"  # an appendix


def test_what_every_page_repeats_does_not_decide(guesser: LanguageGuesser) -> None:
    header = "Confidential information of the company, which is not to be copied or passed on to others.\n" * 5
    german = LETTERS["de"]
    page = PageText(1, header + german, body=(len(header), len(header) + len(german)))
    assert guesser.of([page] * 3) == "de"
    assert sample([page]) == german


def test_a_variety_counts_as_the_language_by_whose_code_it_is_looked_for(guesser: LanguageGuesser) -> None:
    assert guesser.of(pages("呢份合約要喺每個月嘅三號之前交租，如果暖氣壞咗，請即刻打電話畀管理員。")) == "zh"
    assert guesser.of(pages("Dis contract go end wen una don pay di money wey dey remain for di house.")) == "en"


def test_a_sample_is_from_all_over_a_long_document_and_no_longer_than_it_says() -> None:
    texts = [f"<{number}>" + "x" * 997 for number in range(100)]
    taken = sample(pages(*texts))
    assert len(taken.replace("\n", "")) == SAMPLE_CHARACTERS // 3 * 3
    assert all(f"<{number}>" in taken for number in (0, 1, 49, 50, 98, 99))
    assert sample(pages("one", "two")) == "one\ntwo"
    assert len(sample(pages("y" * 1_000_000))) <= SAMPLE_CHARACTERS + 2


def test_plain_english_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> language.Rank:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(language, "_load", fail)
    assert LanguageGuesser().of(pages(LETTERS["en"])) == "en"
    with pytest.raises(AssertionError):
        LanguageGuesser().of(pages(LETTERS["nl"]))


def test_the_model_is_loaded_once_by_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    def load() -> language.Rank:
        loaded.append(threading.get_ident())
        return lambda _text: [("de", 0.9), ("nl", 0.1)]

    monkeypatch.setattr(language, "_load", load)
    shared, found = LanguageGuesser(), []
    threads = [threading.Thread(target=lambda: found.append(shared.of(pages(LETTERS["de"])))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(loaded), found) == (1, ["de"] * 8)


@pytest.mark.parametrize(
    ("likely", "expected"),
    [
        ([("de", 0.5), ("nl", 0.3)], "de"),
        ([("de", 0.49), ("nl", 0.3)], None),
        ([("wuu", 0.3), ("zh", 0.25), ("ja", 0.4)], "zh"),
        ([("zxx", 0.9), ("de", 0.1)], None),
        ([("lij", 0.9), ("it", 0.1)], None),
    ],
)
def test_an_answer_is_a_likely_language_that_has_a_code(
    monkeypatch: pytest.MonkeyPatch, likely: list[tuple[str, float]], expected: str | None
) -> None:
    monkeypatch.setattr(language, "_load", lambda: lambda _text: likely)
    assert LanguageGuesser().of(pages(LETTERS["de"])) == expected


def test_the_model_is_read_as_its_own_package_reads_it(guesser: LanguageGuesser) -> None:
    theirs = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    ours = language._load()
    for text in LETTERS.values():
        names, probabilities = zip(*theirs.rank(text), strict=True)
        found = dict(ours(text))
        assert list(names) == list(found)
        assert np.allclose(probabilities, list(found.values()))
    codes = {language._VARIETY_OF.get(name, name) for name in theirs.labels}
    assert {code for code in codes if len(code) == 2} == LANGUAGES


def test_the_library_is_imported_when_it_is_needed() -> None:
    code = "import sys, pipeline.insight.language; print([name for name in sys.modules if name.startswith('py3')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
