"""Patterns of paths: each against every path of a tree, as a plain matcher has it; and none takes for ever."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage.globs import literal, matcher


def names(pattern: str, path: str) -> bool:
    return matcher([pattern.encode("utf-8", "surrogateescape")])(path.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("pattern", "those", "no_others"),
    [
        ("/in/*.pdf", ["/in/a.pdf", "/in/.pdf"], ["/in/a/b.pdf", "/in/a.pdfx", "/in/a_pdf", "/other/a.pdf"]),
        ("/in/**/*.pdf", ["/in/a.pdf", "/in/a/b/c.pdf"], ["/in/a/b/c.txt", "/a.pdf"]),
        ("/in/letters", ["/in/letters", "/in/letters/a/b.txt"], ["/in/letters2", "/in/a/letters"]),
        ("/in/**", ["/in/a", "/in/a/b"], ["/in", "/inn/a"]),
        ("/**/letters", ["/letters", "/a/b/letters", "/a/letters/c"], ["/a/lettersb", "/a/b"]),
        ("/**", ["/a", "/a/b"], []),
        ("/", ["/a", "/a/b"], []),
        ("/in/**/x/**/y*", ["/in/x/y", "/in/a/x/b/c/yes", "/in/x/yy/z"], ["/in/y/x", "/in/x", "/in/xy"]),
        ("/in/a?c", ["/in/abc", "/in/aüc", "/in/a\udcffc"], ["/in/ac", "/in/a/c", "/in/abbc"]),
        ("/in/[a-c]1", ["/in/a1", "/in/c1"], ["/in/d1", "/in/-1", "/in/[a-c]1"]),
        ("/in/[!a-c]1", ["/in/d1", "/in/ü1"], ["/in/a1", "/in//1"]),
        ("/in/[^a]", ["/in/b", "/in/^"], ["/in/a"]),
        ("/in/[]]", ["/in/]"], ["/in/["]),
        ("/in/[", ["/in/["], ["/in/a"]),
        ("/in/[z-a]", [], ["/in/a", "/in/z", "/in/-"]),
        ("/in/[!z-a]", ["/in/a"], ["/in/ab"]),
        ("/in/[*?]", ["/in/*", "/in/?"], ["/in/a"]),
        ("/in/[a\\]x", ["/in/\\x", "/in/ax"], ["/in/]x"]),
        ("/in/(a|b)+.$", ["/in/(a|b)+.$"], ["/in/a", "/in/b."]),
        ("/in/a*b*c", ["/in/abc", "/in/axbxbxc"], ["/in/acb", "/in/ab/c"]),
        ("/in/Akten für Öhl", ["/in/Akten fu\u0308r O\u0308hl", "/in/Akten für Öhl/a"], ["/in/Akten fur Ohl"]),
        ("/in/\udcff*", ["/in/\udcff\udcfe.txt"], ["/in/ÿ.txt"]),
        ("/in/a\nb", ["/in/a\nb"], ["/in/a"]),
        ("/in/*", ["/in/a\nb", "/in/\n"], []),
    ],
)
def test_a_pattern_names_those_and_no_others(pattern: str, those: list[str], no_others: list[str]) -> None:
    assert [path for path in (*those, *no_others) if names(pattern, path)] == those


def test_any_of_several_patterns_will_do() -> None:
    either = matcher([b"/in/a", b"/in/*.pdf"])
    assert [path for path in (b"/in/a", b"/in/b", b"/in/c.pdf") if either(path)] == [b"/in/a", b"/in/c.pdf"]


def plainly(pattern: list[str], path: list[str]) -> bool:
    """What a pattern means, name by name, with every way to divide the path tried."""
    if not pattern:
        return True  # it names a folder, or the path itself
    if pattern[0] == "**":
        inner = any(plainly(pattern[1:], path[at:]) for at in range(len(path) + 1))
        return bool(path) and inner if len(pattern) == 1 else inner
    return bool(path) and alike(pattern[0], path[0]) and plainly(pattern[1:], path[1:])


def alike(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(alike(pattern[1:], name[at:]) for at in range(len(name) + 1))
    return bool(name) and pattern[0] in ("?", name[0]) and alike(pattern[1:], name[1:])


NAMES = st.text(alphabet="ab", min_size=1, max_size=4)
PATTERNS = st.lists(st.one_of(st.just("**"), st.text(alphabet="ab*?", min_size=1, max_size=4)), min_size=1, max_size=5)


@settings(deadline=None, derandomize=True, max_examples=1500)
@given(PATTERNS, st.lists(NAMES, min_size=1, max_size=5))
def test_it_means_what_a_plain_matcher_says(pattern: list[str], path: list[str]) -> None:
    parts = ["**" if set(part) == {"*"} and len(part) == 2 else re.sub(r"\*+", "*", part) for part in pattern]
    assert names("/" + "/".join(pattern), "/" + "/".join(path)) == plainly(parts, path)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_pattern_and_as_a_literal_names_itself(pattern: str, path: str) -> None:
    folder = path.encode("utf-8", "replace").decode().strip("/") or "a"
    matcher([f"/{pattern}".encode("utf-8", "replace")])(f"/{folder}".encode())
    named = "/" + "/".join(part for part in folder.split("/") if part)
    assert names(literal(named), named)


@pytest.mark.parametrize(
    "pattern", ["/" + "*a" * 1500 + "b", "/" + "**/a*/" * 500 + "b", "/**/" + "?*a" * 900, "/" + "[" * 4000]
)
@pytest.mark.parametrize("path", ["/" + "a" * 4000, "/" + "a/" * 2000, "/" + ("a" * 200 + "/") * 20])
def test_no_pattern_takes_for_ever(pattern: str, path: str) -> None:
    started = time.process_time()
    names(pattern, path)
    assert time.process_time() - started < 2
