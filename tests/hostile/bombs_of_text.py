"""Bombs that are no PDF: HTML, Markdown, plain text, and what pretends to be one of them."""

from tests.hostile.bombs import FAILED, INDEXED, NO_TEXT, PARTIAL, TOO_LARGE, UNSUPPORTED, Bomb, bomb


def html(body: bytes) -> bytes:
    return b"<!doctype html><html><body>hello " + body


def endless_meta() -> bytes:
    return b"<html>" + b"<meta charset= " * 200 + b" " * 9999 + b"\xff"


def reopened_formatting() -> bytes:
    """Each paragraph opens again all the formatting that was never closed."""
    return html(b"".join(b"<b a%d>" % number for number in range(2000)) + b"<p>x" * 50_000)


TEXTS: tuple[Bomb, ...] = (
    bomb("a million tags, each in the last", lambda: html(b"<b>" * 1_000_000 + b"deep"), PARTIAL, suffix=".html"),
    bomb("a million blocks, each in the last", lambda: html(b"<div>" * 1_000_000 + b"deep"), PARTIAL, suffix=".html"),
    bomb("100,000 <pre>, each in the last", lambda: html(b"<pre>x" * 100_000), PARTIAL, suffix=".html"),
    bomb("100,000 tables, each in the last", lambda: html(b"<table><tr><td>x" * 100_000), PARTIAL, suffix=".html"),
    bomb("50,000 hidden in hidden", lambda: html(b"<svg hidden>x" * 50_000), PARTIAL, suffix=".html"),
    bomb("two million blocks in a row", lambda: html(b"<p>x" * 2_000_000), INDEXED, FAILED, suffix=".html"),
    bomb(
        "a tag of a million attributes", lambda: html(b"<p " + b"a%d=1 " * 1_000_000 + b">x"), INDEXED, suffix=".html"
    ),
    bomb(
        "formatting that is closed wrongly", lambda: html(b"<a><b><i></a></b>x<p>" * 100_000), PARTIAL, suffix=".html"
    ),
    bomb("formatting that is opened again", reopened_formatting, INDEXED, suffix=".html"),
    bomb("ten million entities", lambda: html(b"&amp;" * 6_000_000), INDEXED, suffix=".html"),
    bomb("an entity that does not end", lambda: html(b"&" + b"a" * 30_000_000), INDEXED, suffix=".html"),
    bomb("a comment that does not end", lambda: html(b"<!--" * 8_000_000), INDEXED, suffix=".html"),
    bomb("a character set that is not found", endless_meta, NO_TEXT, suffix=".html"),
    bomb("one line of 30 MB", lambda: b"word " * 6_000_000, INDEXED, suffix=".txt"),
    bomb("one word of 30 MB", lambda: b"w" * 30_000_000, INDEXED, suffix=".txt"),
    bomb("30 million pages", lambda: b"x" + b"\f" * 30_000_000, PARTIAL, TOO_LARGE, suffix=".txt"),
    bomb("30 million line ends", lambda: b"\r" * 30_000_000 + b"x", INDEXED, suffix=".txt"),
    bomb("zeros", lambda: bytes(30_000_000), UNSUPPORTED, suffix=".txt"),
    bomb("text that turns into zeros", lambda: b"hi " * 90_000 + bytes(9_000_000), INDEXED, suffix=".txt"),
    bomb("no encoding at all", lambda: b"\x81\x8d\x90\x9d\xff " * 4_000_000, PARTIAL, suffix=".txt"),
    bomb("surrogates without a partner", lambda: b"\xff\xfe" + b"\x00\xd8" * 15_000_000, PARTIAL, suffix=".txt"),
    bomb("marks that close nothing", lambda: b"[" * 10_000_000 + b"*_`" * 5_000_000, INDEXED, suffix=".md"),
    bomb("a quotation in a quotation", lambda: b">" * 20_000_000 + b"x", INDEXED, suffix=".md"),
    bomb("digits that may begin a PDF", lambda: b"1" * 4096, INDEXED, suffix=".pdf"),
    bomb("a head that may be a letter's", lambda: b"From " + b"x " * 2000 + b"\nTo:" * 20, INDEXED, suffix=".txt"),
)
