"""Three hundred damaged documents through the real sandbox; `make fuzz` reads ten thousand."""

import sys
from pathlib import Path

import pytest

from pipeline.outcomes import Code, State
from tests.hostile.fuzz import SEED, Tally, main, run, samples, table
from tests.hostile.mutation import Mutant, Sample, mutant
from tests.pdf_writer import PdfPage, pdf

COUNT = 300  # about 8 s on two cores
PAIR = [Sample(".pdf", pdf(PdfPage(("one",)))), Sample(".pdf", pdf(PdfPage(("two",), filter="FlateDecode")))]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zygote")
def test_hundreds_of_damaged_documents_end_in_a_state_and_the_service_lives() -> None:
    tally = run(range(COUNT), SEED, samples(shared=False))
    assert tally.failures == []
    assert tally.suspicious == []
    assert tally.total == COUNT
    states = {code.state for code in tally.codes}
    assert states >= {State.INDEXED, State.PARTIAL, State.DAMAGED}  # neither harmless all of them, nor all destroyed


def test_a_mutant_depends_on_its_seed_and_number_only() -> None:
    first = [mutant(7, number, PAIR) for number in range(50)]
    assert first == [mutant(7, number, PAIR) for number in reversed(range(50))][::-1]
    assert first != [mutant(8, number, PAIR) for number in range(50)]
    assert len({one.content for one in first}) > 40


def test_most_mutants_differ_from_their_sample() -> None:
    made = [mutant(1, number, PAIR).content for number in range(200)]
    assert sum(content not in {sample.content for sample in PAIR} for content in made) > 180


def test_one_sample_in_ten_is_text_and_every_sample_of_the_project_is_among_them() -> None:
    found = samples(shared=False)
    texts = [sample for sample in found if sample.suffix != ".pdf"]
    assert len(texts) * 10 == len(found)
    folder = Path(__file__).parent.parent / "samples"
    on_disk = {path.read_bytes() for path in folder.iterdir() if path.suffix in (".pdf", ".html", ".txt", ".md")}
    assert on_disk - {sample.content for sample in found} <= {(folder / "README.md").read_bytes()}


def test_the_table_names_what_is_suspicious() -> None:
    tally = Tally(suspicious=["seed 1, number 2 (.pdf, 3 bytes): parser_crashed, 0.1 s"], seconds=2.0)
    tally.codes.update([Code.COMPLETE, Code.COMPLETE, Code.PARSER_CRASHED])
    assert list(table(tally)) == [
        "3 mutants in 2 s, the slowest in 0.0 s",
        "      2  indexed      complete",
        "      1  failed       parser_crashed",
        "Suspicious: 1",
        "  seed 1, number 2 (.pdf, 3 bytes): parser_crashed, 0.1 s",
        "Failures: none",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zygote")
def test_an_exception_that_leaves_the_sandbox_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.hostile import fuzz

    def broken(launcher: object, made: Mutant) -> Code:
        if made.number == 1:
            raise ValueError("never shown: it may hold text")
        return read(launcher, made)  # type: ignore[arg-type]

    read = fuzz._read
    monkeypatch.setattr(fuzz, "_read", broken)
    assert main(["--count", "3", "--seed", "5"]) == 1
    told = capsys.readouterr().out
    assert "seed 5, number 1 (" in told
    assert "ValueError" in told
    assert "never shown" not in told
