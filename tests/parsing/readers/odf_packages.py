"""OpenDocument files of a few lines, made by the tests."""

from collections.abc import Mapping

from tests.parsing.readers.packages import package

URN = "urn:oasis:names:tc:opendocument:xmlns:"
NAME_SPACES = (
    "".join(
        f' xmlns:{prefix}="{URN}{name}:1.0"'
        for prefix, name in {
            "office": "office", "text": "text", "table": "table", "draw": "drawing", "presentation": "presentation",
            "style": "style", "svg": "svg-compatible", "form": "form", "fo": "xsl-fo-compatible",
        }.items()
    )
    + ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:math="http://www.w3.org/1998/Math/MathML"'
    + ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)  # fmt: skip
TEXT, SLIDES = "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.presentation"


def content(body: str, styles: str = "", kind: str = "text") -> str:
    """The main part: automatic styles, and a body of this kind."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{NAME_SPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )


def master(inner: str, styles: str = "") -> str:
    """The part with the styles of the document, and one master page."""
    return (
        f"<office:document-styles{NAME_SPACES}><office:styles>{styles}</office:styles>"
        f"<office:master-styles><style:master-page>{inner}</style:master-page></office:master-styles>"
        "</office:document-styles>"
    )


def odt(body: str, parts: Mapping[str, str | bytes] | None = None, styles: str = "") -> bytes:
    """A text document with this body and other parts."""
    return package({"mimetype": TEXT, "content.xml": content(body, styles), **(parts or {})})


def odp(*slides: str, parts: Mapping[str, str | bytes] | None = None, before: str = "") -> bytes:
    """A presentation of these slides, and what stands before them."""
    body = before + "".join(f"<draw:page>{one}</draw:page>" for one in slides)
    return package({"mimetype": SLIDES, "content.xml": content(body, kind="presentation"), **(parts or {})})
